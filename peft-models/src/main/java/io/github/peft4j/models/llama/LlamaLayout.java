package io.github.peft4j.models.llama;

import io.github.peft4j.models.DecoderLm;
import io.github.peft4j.models.DecoderNames;
import io.github.peft4j.models.nn.Attention;
import io.github.peft4j.models.nn.DecoderBlock;
import io.github.peft4j.models.nn.DecoderBlock.Part;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.GatedMlp;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RmsNorm;
import io.github.peft4j.models.nn.Rotary;
import io.github.peft4j.models.nn.Weights;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Builds models of Llama's layout: {@code model.layers.N.self_attn.q_proj} and so on. Mistral and Qwen2 have it too. */
public final class LlamaLayout {

    /** Tensors of old checkpoints that hold nothing but what the config says, and a head's copy where it is tied. */
    public static final Pattern UNUSED = Pattern.compile(".*\\.rotary_emb\\.inv_freq|lm_head\\.weight");

    private LlamaLayout() {}

    /** Puts a model together. */
    public static DecoderLm build(
            LlamaConfig config, Weights root, String className, Map<String, List<String>> targets) {
        DecoderNames names = DecoderNames.LLAMA;
        Weights weights = root.at(names.backbone());
        Embedding tokens = Embedding.load(weights.at(names.embedding()), config.vocabSize(), config.hiddenSize());
        Rotary rotary = config.rotary().rotary(config.headSize());
        RmsNorm norm = RmsNorm.load(weights.at(names.finalNorm()), config.hiddenSize(), config.normEpsilon());
        return new DecoderLm.Plan(root, config, names, tokens, norm, config.tied())
                .blocks(layer -> block(config, weights.at(names.blocks()).at(layer), rotary, layer))
                .build(className, targets);
    }

    private static Module block(LlamaConfig config, Weights weights, Rotary rotary, int layer) {
        int width = config.hiddenSize();
        double epsilon = config.normEpsilon();
        DecoderNames names = DecoderNames.LLAMA;
        return new DecoderBlock(
                new Part(names.firstNorm(), RmsNorm.load(weights.at(names.firstNorm()), width, epsilon)),
                new Part(names.attention(), attention(config, weights.at(names.attention()), rotary, layer)),
                new Part(names.secondNorm(), RmsNorm.load(weights.at(names.secondNorm()), width, epsilon)),
                new Part(
                        names.feedForward(),
                        GatedMlp.load(
                                weights.at(names.feedForward()),
                                width,
                                config.feedForwardSize(),
                                config.mlpBias(),
                                config.activation())),
                false);
    }

    private static Attention attention(LlamaConfig config, Weights weights, Rotary rotary, int layer) {
        long width = config.hiddenSize();
        long queries = (long) config.heads() * config.headSize();
        long keys = (long) config.keyValueHeads() * config.headSize();
        boolean bias = config.queryKeyValueBias();
        Attention.Geometry geometry = new Attention.Geometry(
                layer,
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                1 / Math.sqrt(config.headSize()),
                layer >= config.windowFromLayer() ? config.slidingWindow() : 0,
                rotary,
                null,
                weights.precision());
        return Attention.separate(
                geometry,
                Linear.load(weights.at("q_proj"), width, queries, bias),
                Linear.load(weights.at("k_proj"), width, keys, bias),
                Linear.load(weights.at("v_proj"), width, keys, bias),
                Linear.load(weights.at("o_proj"), queries, width, config.outputBias()));
    }
}
