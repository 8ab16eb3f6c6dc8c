package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Weight;
import java.util.Map;

/** New float32 values for weights of a base layer. */
record Merged(Map<Weight, NDArray> values) {}
