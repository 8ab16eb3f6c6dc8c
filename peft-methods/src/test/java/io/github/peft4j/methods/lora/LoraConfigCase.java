package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.methods.lora.internal.LoraMethod;
import java.util.Map;

/** LoRA configs as files and settings give them. */
abstract class LoraConfigCase {

    static LoraConfig read(Map<String, Object> values) {
        return new LoraMethod().schema().read(values, "some.json");
    }

    static LoraConfig readSettings(Map<String, String> settings) {
        return new LoraMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings").with(settings));
    }
}
