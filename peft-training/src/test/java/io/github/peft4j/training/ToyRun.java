package io.github.peft4j.training;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.Trained;
import io.github.peft4j.training.internal.state.TrainedAdapters;
import io.github.peft4j.training.internal.state.TrainedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Toy models to train, loaded anew as a new process would. */
public final class ToyRun implements AutoCloseable {

    static final String TARGET = "model.layers.0.self_attn.v_proj";

    public final Model<LanguageHead> model;
    final @Nullable PeftModel<?> peft;
    public final Recorder recorder = new Recorder();

    private ToyRun(Model<LanguageHead> model, @Nullable PeftModel<?> peft) {
        this.model = model;
        this.peft = peft;
    }

    /** A toy Llama with a {@link ToyMethod} adapter. */
    public static ToyRun adapter(Path folder, double dropout) throws IOException {
        return adapter(folder, ToyMethod.Config.of(TARGET, dropout));
    }

    /** A toy Llama with a LoRA adapter. */
    static ToyRun lora(Path folder, double dropout) throws IOException {
        return adapter(folder, lora(dropout));
    }

    /** A toy Llama of other sizes with a LoRA adapter. */
    static ToyRun loraOn(Path folder, JsonNode config) throws IOException {
        Model<LanguageHead> model = load(folder, Precision.FLOAT32, config);
        return new ToyRun(model, PeftModel.attach(model, lora(0)));
    }

    private static LoraConfig lora(double dropout) {
        return LoraConfig.builder(4, 8)
                .targetModules("q_proj", "v_proj")
                .loraDropout(dropout)
                .build();
    }

    public static ToyRun adapter(Path folder, PeftConfig config) throws IOException {
        Model<LanguageHead> model = load(folder, Precision.FLOAT32);
        return new ToyRun(model, PeftModel.attach(model, config));
    }

    /** A toy Llama of which all weights are trained. */
    static ToyRun full(Path folder, Precision precision) throws IOException {
        return new ToyRun(load(folder, precision), null);
    }

    private static Model<LanguageHead> load(Path folder, Precision precision) throws IOException {
        return load(folder, precision, Golden.at("runs", "llama-full", "config"));
    }

    private static Model<LanguageHead> load(Path folder, Precision precision, JsonNode config) throws IOException {
        ToyCheckpoint.write(folder, config);
        return Models.load(folder, Device.cpu(), precision);
    }

    /** A fine-tuner whose events {@link #recorder} keeps. */
    public FineTuner tuner(TrainingConfig config) {
        FineTuner tuner = peft == null ? FineTuner.full(model, config) : FineTuner.of(peft, config);
        return tuner.listener(recorder);
    }

    /** The trained values, end to end. */
    public float[] weights() {
        Trained trained = peft == null ? TrainedModel.of(model) : new TrainedAdapters(peft);
        float[][] parts = trained.weights().values().stream()
                .map(weight -> weight.array().toFloatArray())
                .toArray(float[][]::new);
        int size = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        float[] all = new float[size];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Override
    public void close() {
        model.close();
    }
}
