package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.models.generate.GenerationConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen. What is not given comes from the checkpoint's generation_config.json. */
public final class SamplingOptions {

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Most new tokens of a prompt. Default: 256.")
    @Nullable
    Integer maxNewTokens;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "Most tokens of prompt and continuation together, as in transformers' pipelines; in place of"
                    + " --max-new-tokens.")
    @Nullable
    Integer maxLength;

    @Option(
            names = "--min-new-tokens",
            paramLabel = "N",
            description = "New tokens before which the text does not end. Default: 0.")
    @Nullable
    Integer minNewTokens;

    @Option(
            names = "--greedy",
            description =
                    "Always take the likeliest token. Default, unless one of the next three is given or the checkpoint"
                            + " says do_sample.")
    boolean greedy;

    @Option(names = "--temperature", paramLabel = "X", description = "Draw, with scores divided by this. Default: 1.")
    @Nullable
    Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "Draw among the N likeliest tokens; 0: all. Default: 50.")
    @Nullable
    Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Draw among the likeliest tokens that make up this share of probability. Default: 1.")
    @Nullable
    Double topP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Make tokens less likely that are there already. Default: 1, which does nothing.")
    @Nullable
    Double repetitionPenalty;

    @Option(
            names = "--num-beams",
            paramLabel = "N",
            description = "Beams of a beam search; only 1, none, is implemented.")
    @Nullable
    Integer beams;

    @Option(names = "--ignore-eos", description = "Go on after a token that ends the text.")
    boolean ignoreEos;

    /**
     * The settings for a checkpoint.
     *
     * @throws BadInput if a value is out of range, or asks for what is not implemented
     * @throws IOException if the checkpoint's own settings cannot be read
     */
    public GenerationConfig config(Path checkpoint, long seed) throws IOException {
        if (beams != null && beams != 1) {
            throw new BadInput("--num-beams " + beams + ": beam search is not in this version; leave it out, or say 1");
        }
        if (maxLength != null && maxNewTokens != null) {
            throw new BadInput(
                    "--max-length and --max-new-tokens exclude each other: the one counts the prompt in, the other"
                            + " does not");
        }
        return BadInput.when(() -> {
            GenerationConfig.Builder builder =
                    GenerationConfig.builder(checkpoint).ignoreEos(ignoreEos).seed(seed);
            if (beams != null) {
                builder.oneBeam();
            }
            if (maxNewTokens != null) {
                builder.maxNewTokens(maxNewTokens);
            }
            if (maxLength != null) {
                builder.maxLength(maxLength);
            }
            if (minNewTokens != null) {
                builder.minNewTokens(minNewTokens);
            }
            if (greedy) {
                builder.greedy(true);
            }
            if (temperature != null) {
                builder.temperature(temperature);
            }
            if (topK != null) {
                builder.topK(topK);
            }
            if (topP != null) {
                builder.topP(topP);
            }
            if (repetitionPenalty != null) {
                builder.repetitionPenalty(repetitionPenalty);
            }
            return builder.build();
        });
    }
}
