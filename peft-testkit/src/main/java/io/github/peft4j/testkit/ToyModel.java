package io.github.peft4j.testkit;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import ai.djl.Device;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.FiniteDifferences;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Models small enough for any test: two blocks, a vocabulary of {@value #VOCABULARY}, random weights large enough for every part
 * of the model to matter. They are written as Hugging Face lays checkpoints out, each with its config among the resources, and loaded like
 * any other; no Python, no download.
 */
public enum ToyModel {
    /** Grouped keys and values, RMSNorm, rotary positions, a gated feed-forward part, a head of its own. */
    LLAMA,
    /** A Llama whose head shares the token embedding's weight. */
    LLAMA_TIED,
    /** A Llama with a sliding window of three keys. */
    MISTRAL,
    /** A Llama with biases in attention's input projections, and a tied head. */
    QWEN2,
    /** A Llama with norms of queries and keys, and a tied head. */
    QWEN3,
    /** Norms around the parts, scaled embeddings, soft caps of scores and logits, a window in the first block, a tied head. */
    GEMMA2,
    /** Six heads, so that ALiBi's slopes are no power series; fused projections that interleave heads; biases; a tied head. */
    BLOOM,
    /** Learned positions, linear layers whose weights lie transposed, biases, a tied head. */
    GPT2,
    /** Fused projections with grouped keys, a fused gate, a head of its own. */
    PHI3,
    /** Norms behind the parts, norms of queries and keys over all heads, a head of its own. */
    OLMO2,
    /** Attention and feed-forward part side by side, a fused projection that interleaves heads, biases, a head of its own. */
    GPT_NEOX,
    /** Feed-forward layers in the block itself, learned positions behind two rows, biases, a tied head. */
    OPT,
    /** An encoder: tokens see both sides, norms behind the sums, types of tokens, and a head for hidden words that is tied and has a bias. */
    BERT;

    /** Entries of the vocabulary. */
    public static final int VOCABULARY = 48;

    static final int LAYERS = 2;
    static final int WIDTH = 16;
    static final int BLOOM_WIDTH = 24;
    static final int INNER = 24;
    private static final double SPREAD = 0.3;
    private static final double NORM_SPREAD = 0.2;

    /** Width of the hidden states. */
    public int hiddenSize() {
        return this == BLOOM ? BLOOM_WIDTH : WIDTH;
    }

    /**
     * Writes the checkpoint: {@code config.json} and {@code model.safetensors}, the same at every call.
     *
     * @param folder created if it is not there
     * @return the folder
     */
    public Path write(Path folder) {
        List<TensorSource> tensors = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(name().hashCode());
        ToyTensors.of(this).forEach((name, shape) -> tensors.add(tensor(name, shape, random)));
        try {
            Files.createDirectories(folder);
            try (InputStream config =
                    ToyModel.class.getResourceAsStream("/toy-models/" + name().toLowerCase(Locale.ROOT) + ".json")) {
                Files.copy(Objects.requireNonNull(config), folder.resolve("config.json"), REPLACE_EXISTING);
            }
            SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Asserts that a trainable weight's gradient is the slope of the loss of some rows along itself. All gradients are cleared.
     *
     * @param model any that knows {@value #VOCABULARY} tokens or more
     * @param what the weight is, for the message
     * @param tolerance relative distance between slope and norm
     */
    public static void assertGradient(Model<?> model, String what, Weight weight, double tolerance) {
        new FiniteDifferences(model, ToyTraining.rows(model)).assertGradient(what, weight, tolerance);
    }

    /**
     * Loads the checkpoint of a causal model from a folder, writing it first if it is not there.
     *
     * @param folder only for this model
     * @param precision the format of weights and activations
     * @return a new model each time; the caller closes it
     * @throws IllegalArgumentException if this is an encoder
     */
    public Model<LanguageHead> load(Path folder, Precision precision) {
        Model<?> model = open(folder, precision);
        try {
            return model.with(LanguageHead.class);
        } catch (IllegalArgumentException e) {
            model.close();
            throw e;
        }
    }

    /** {@link #load} with whatever head the checkpoint has. */
    public Model<?> open(Path folder, Precision precision) {
        try {
            if (!Files.exists(folder.resolve("model.safetensors"))) {
                write(folder);
            }
            return Models.load(folder, LoadOptions.on(Device.cpu()).withPrecision(precision), Head.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TensorSource tensor(String name, long[] shape, SplittableRandom random) {
        List<Long> dimensions = Arrays.stream(shape).boxed().toList();
        TensorInfo info = new TensorInfo(name, StoredType.F32, dimensions);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
        boolean norm = shape.length == 1 && name.endsWith("weight");
        double center = this == GEMMA2 ? 0 : 1;
        while (bytes.hasRemaining()) {
            double noise = random.nextGaussian();
            bytes.putFloat((float) (norm ? center + NORM_SPREAD * noise : SPREAD * noise));
        }
        return TensorSource.of(info, bytes.flip());
    }
}
