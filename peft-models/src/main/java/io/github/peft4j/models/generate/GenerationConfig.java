package io.github.peft4j.models.generate;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.ModelOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How prompts are continued. Names and defaults are those of Hugging Face's {@code GenerationConfig}, but for {@code maxNewTokens},
 * {@code ignoreEos} and {@code seed}.
 *
 * <p>A setting comes from the builder where it was set, else from the checkpoint ({@link #builder(Path)}), else it is the default. Where
 * neither {@code greedy} nor anything that only drawing uses (temperature, top-k, top-p) was set, the checkpoint's {@code do_sample}
 * decides; to set one of the latter is to ask for drawing, unless {@code greedy} is set to true.
 *
 * @param maxNewTokens most new tokens of a prompt, at least 1
 * @param maxLength most tokens of prompt and continuation together, more than the prompt has; {@link #NO_LENGTH} for no such limit
 * @param minNewTokens new tokens before which no token that ends a text is chosen, at most {@code maxNewTokens}
 * @param greedy whether the likeliest token is always chosen; then temperature, top-k and top-p have no effect
 * @param temperature divides the scores before a token is drawn, above 0
 * @param topK number of likeliest tokens among which one is drawn; 0 for all
 * @param topP share of probability that the likeliest tokens must make up among which one is drawn, 0 to 1
 * @param repetitionPenalty divides the scores of tokens that are in the prompt or the answer already, or multiplies them where they are
 *     below 0; above 0, and 1 for none
 * @param ignoreEos whether tokens that end a text are tokens like others
 * @param eosTokenIds tokens that end a text
 * @param bosTokenId the token that stands for an empty prompt, or {@link #NO_TOKEN}
 * @param seed where drawing starts from
 */
public record GenerationConfig(
        int maxNewTokens,
        int maxLength,
        int minNewTokens,
        boolean greedy,
        double temperature,
        int topK,
        double topP,
        double repetitionPenalty,
        boolean ignoreEos,
        List<Integer> eosTokenIds,
        int bosTokenId,
        long seed) {

    /** Hugging Face's default of 20 tokens, the prompt included, is of no use. */
    public static final int DEFAULT_MAX_NEW_TOKENS = 256;

    /** Hugging Face's default wherever tokens are drawn. */
    public static final int DEFAULT_TOP_K = 50;

    /** Stands for a length that is not limited. */
    public static final int NO_LENGTH = Integer.MAX_VALUE;

    /** Stands for a token that there is none of. */
    public static final int NO_TOKEN = -1;

    /**
     * Checks ranges.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public GenerationConfig {
        require(maxNewTokens >= 1, "max_new_tokens", "at least 1", maxNewTokens);
        require(maxLength >= 2, "max_length", "at least 2, the prompt's tokens included", maxLength);
        require(minNewTokens >= 0, "min_new_tokens", "at least 0", minNewTokens);
        require(minNewTokens <= maxNewTokens, "min_new_tokens", "at most max_new_tokens " + maxNewTokens, minNewTokens);
        require(
                temperature > 0 && temperature < Double.POSITIVE_INFINITY,
                "temperature",
                "above 0 (for the likeliest token each time, ask for greedy)",
                temperature);
        require(topK >= 0, "top_k", "at least 0 (0: all tokens)", topK);
        require(topP >= 0 && topP <= 1, "top_p", "between 0 and 1 (1: all tokens)", topP);
        require(
                repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
                "repetition_penalty",
                "above 0 (1: none)",
                repetitionPenalty);
        eosTokenIds = List.copyOf(eosTokenIds);
        for (int id : eosTokenIds) {
            require(id >= 0, "eos_token_id", "at least 0", id);
        }
        require(bosTokenId >= NO_TOKEN, "bos_token_id", "at least 0, or -1 for none", bosTokenId);
    }

    private static void require(boolean holds, String name, String range, Number value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must be " + range + ", got " + value);
        }
    }

    /** Settings that start from the defaults, with no token that ends a text. */
    public static Builder builder() {
        return new Builder(GenerationConfigFile.empty());
    }

    /**
     * Settings that start from what a checkpoint says in {@code generation_config.json} or, where that file is missing, in
     * {@code config.json}, as Hugging Face's {@code generate} does.
     *
     * <p>Read are {@code max_new_tokens}, {@code min_new_tokens}, {@code do_sample}, {@code temperature}, {@code top_k}, {@code top_p},
     * {@code repetition_penalty}, {@code eos_token_id} (one or a list) and {@code bos_token_id}. The checkpoint's
     * {@code max_length} has no effect: it counts the prompt in, and Hugging Face lets {@code max_new_tokens}, which is always set here, prevail over it.
     *
     * @param checkpoint the folder
     * @throws CheckpointException if the file is damaged; what is wrong with a value that is needed, {@link Builder#build} says
     */
    public static Builder builder(Path checkpoint) throws CheckpointException {
        return new Builder(GenerationConfigFile.read(checkpoint));
    }

    /**
     * Settings that start from those of the checkpoint that a model was loaded from, as {@link #builder(Path)}; from the defaults if it was not
     * loaded from any.
     *
     * @throws CheckpointException if the file is damaged
     */
    public static Builder builder(Model<?> model) throws CheckpointException {
        ModelOrigin origin = model.origin();
        return origin == null ? builder() : builder(origin.folder());
    }

    /** Collects settings. */
    public static final class Builder {
        private final GenerationConfigFile file;
        private @Nullable Integer maxNewTokens;
        private @Nullable Integer maxLength;
        private @Nullable Integer minNewTokens;
        private @Nullable Boolean greedy;
        private @Nullable Double temperature;
        private @Nullable Integer topK;
        private @Nullable Double topP;
        private @Nullable Double repetitionPenalty;
        private boolean oneBeam;
        private boolean ignoreEos;
        private @Nullable List<Integer> eosTokenIds;
        private @Nullable Integer bosTokenId;
        private long seed;

        private Builder(GenerationConfigFile file) {
            this.file = file;
        }

        /** Sets {@link GenerationConfig#maxNewTokens}. */
        public Builder maxNewTokens(int tokens) {
            this.maxNewTokens = tokens;
            return this;
        }

        /** Sets {@link GenerationConfig#maxLength} in place of {@link GenerationConfig#maxNewTokens}, which then only that limits. */
        public Builder maxLength(int tokens) {
            this.maxLength = tokens;
            return this;
        }

        /** Sets {@link GenerationConfig#minNewTokens}. */
        public Builder minNewTokens(int tokens) {
            this.minNewTokens = tokens;
            return this;
        }

        /** Sets {@link GenerationConfig#greedy}, whatever else is set. */
        public Builder greedy(boolean always) {
            this.greedy = always;
            return this;
        }

        /** Sets {@link GenerationConfig#temperature} and asks for drawing. */
        public Builder temperature(double divisor) {
            this.temperature = divisor;
            return this;
        }

        /** Sets {@link GenerationConfig#topK} and asks for drawing. */
        public Builder topK(int tokens) {
            this.topK = tokens;
            return this;
        }

        /** Sets {@link GenerationConfig#topP} and asks for drawing. */
        public Builder topP(double share) {
            this.topP = share;
            return this;
        }

        /** Sets {@link GenerationConfig#repetitionPenalty}. */
        public Builder repetitionPenalty(double penalty) {
            this.repetitionPenalty = penalty;
            return this;
        }

        /** Follows one continuation, also where the checkpoint asks for a beam search. */
        public Builder oneBeam() {
            this.oneBeam = true;
            return this;
        }

        /** Sets {@link GenerationConfig#ignoreEos}. */
        public Builder ignoreEos(boolean ignore) {
            this.ignoreEos = ignore;
            return this;
        }

        /** Sets {@link GenerationConfig#eosTokenIds}. */
        public Builder eosTokenIds(List<Integer> ids) {
            this.eosTokenIds = ids;
            return this;
        }

        /** Sets {@link GenerationConfig#bosTokenId}. */
        public Builder bosTokenId(int id) {
            this.bosTokenId = id;
            return this;
        }

        /** Sets {@link GenerationConfig#seed}. */
        public Builder seed(long start) {
            this.seed = start;
            return this;
        }

        /**
         * The settings. What the checkpoint says is looked at here, and only as far as it is neither set nor of no use: where nothing is
         * drawn, its temperature may be anything.
         *
         * @throws IllegalArgumentException if a value is out of its range, two exclude each other, or one of the checkpoint's is of the wrong kind
         * @throws UnsupportedOperationException if the checkpoint asks for something that changes what is generated and is not
         *     implemented, such as {@code num_beams} above 1
         */
        public GenerationConfig build() {
            boolean drawingSet = temperature != null || topK != null || topP != null;
            boolean likeliest = greedy != null ? greedy : !drawingSet && file.greedy();
            file.refuseUnsupported(likeliest, keysSet());
            if (maxLength != null && maxNewTokens != null) {
                throw new IllegalArgumentException(
                        "max_length and max_new_tokens exclude each other: the one counts the prompt in, the other does not");
            }
            int most = maxNewTokens != null ? maxNewTokens : maxLength != null ? maxLength : file.maxNewTokens();
            return new GenerationConfig(
                    most,
                    maxLength != null ? maxLength : NO_LENGTH,
                    minNewTokens != null ? minNewTokens : Math.min(most, file.minNewTokens()),
                    likeliest,
                    temperature != null ? temperature : likeliest ? 1 : file.temperature(),
                    topK != null ? topK : likeliest ? DEFAULT_TOP_K : file.topK(),
                    topP != null ? topP : likeliest ? 1 : file.topP(),
                    repetitionPenalty != null ? repetitionPenalty : file.repetitionPenalty(),
                    ignoreEos,
                    eosTokenIds != null ? eosTokenIds : file.eosTokenIds(),
                    bosTokenId != null ? bosTokenId : file.bosTokenId(),
                    seed);
        }

        /** Those among the checkpoint's keys that are not implemented but can be overridden. */
        private List<String> keysSet() {
            List<String> keys = new ArrayList<>();
            if (oneBeam) {
                keys.add("num_beams");
            }
            if (minNewTokens != null) {
                keys.add("min_new_tokens");
            }
            return keys;
        }
    }
}
