package io.github.peft4j.models.generate;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.generate.internal.Continuation;
import io.github.peft4j.models.generate.internal.Sampler;
import io.github.peft4j.models.generate.internal.ScoreKernels;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Continues prompts with a causal model, a token of each at a time, as Hugging Face's {@code generate} does: the prompts are read once,
 * keys and values are kept, and a prompt whose text has ended leaves the batch.
 *
 * <p>What is made of a prompt depends on the prompt, the settings and the seed, not on the prompts beside it: rows are not padded, and
 * each has its own source of chance. (Products of a batch and of a single row round differently, which shows where two tokens are
 * almost equally likely: in bfloat16 now and then.) Equal prompts get equal continuations; for others, change the seed.
 *
 * <p>Works with whatever is attached to the model, virtual tokens and prefixes included. Safe for concurrent use: threads may share a
 * generator, or have one each over the same model. What is switched on when a text is begun stays so until its end: a change of the model in
 * another thread that the text would notice waits for it, and texts begun later wait for that change; a closed model ends it. Listeners are
 * told on the thread that generates, and cannot change the model themselves.
 */
public final class Generator {

    /** Tokens that the model sees at once, to bound what attention holds while long prompts are read. */
    private static final int TOKENS_AT_ONCE = 512;

    private static final int SMALLEST_PIECE = 16;

    private final Model<LanguageHead> model;
    private final GenerationConfig config;
    private final Sampler sampler;
    private final int[] endings;

    /** A generator over a model, which stays the caller's. */
    public Generator(Model<LanguageHead> model, GenerationConfig config) {
        this.model = model;
        this.config = config;
        this.sampler = Sampler.of(config);
        this.endings = config.ignoreEos()
                ? new int[0]
                : config.eosTokenIds().stream().mapToInt(id -> id).toArray();
    }

    /** As {@link #generate(List, Listener)}, telling nobody. */
    public List<Generated> generate(List<int[]> prompts) throws InterruptedException {
        return generate(prompts, (prompt, id) -> {});
    }

    /**
     * Continues prompts.
     *
     * @param prompts token ids; an empty prompt stands for the settings' {@code bosTokenId}
     * @param listener told of each token
     * @return one continuation per prompt, in their order
     * @throws IllegalArgumentException if a prompt is empty and there is no such token, holds an id that is not in the vocabulary, or
     *     would with its new tokens be longer than the model's table of positions; nothing has been generated then
     * @throws IllegalStateException if the model's scores are not finite, or the model is closed
     * @throws InterruptedException if the thread is interrupted; everything made is freed, and the listener has all tokens until then
     */
    public List<Generated> generate(List<int[]> prompts, Listener listener) throws InterruptedException {
        return generate(prompts, null, listener);
    }

    /**
     * Continues prompts each of which chooses the adapters that apply to it.
     *
     * @param selection one choice per prompt, or null for the adapters that are active
     * @throws IllegalArgumentException as {@link #generate(List, Listener)}, or if there are more or fewer choices than prompts
     * @throws InterruptedException if the thread is interrupted
     */
    public List<Generated> generate(List<int[]> prompts, @Nullable RowSelection selection, Listener listener)
            throws InterruptedException {
        if (selection != null && selection.count() != prompts.size()) {
            throw new IllegalArgumentException("Length of `adapter_names` should be the same as the number of inputs,"
                    + " but got " + selection.count() + " and " + prompts.size() + " respectively.");
        }
        List<Continuation> all = new ArrayList<>();
        for (int number = 0; number < prompts.size(); number++) {
            int[] prompt = prompt(number, prompts.get(number));
            all.add(new Continuation(number, prompt, most(number, prompt.length), config.seed()));
        }
        if (!all.isEmpty()) {
            try (Lease text = model.leases().hold(selection)) {
                requireRoom(all, model.backbone().vocabSize(selection));
                run(all, selection, listener);
            }
        }
        return all.stream().map(Continuation::result).toList();
    }

    private int[] prompt(int number, int[] ids) {
        if (ids.length == 0) {
            if (config.bosTokenId() == GenerationConfig.NO_TOKEN) {
                throw new IllegalArgumentException("prompt " + number
                        + " is empty, and no bos_token_id is there to begin with: give at least one token");
            }
            return new int[] {config.bosTokenId()};
        }
        return ids;
    }

    /** New tokens that a prompt may have. */
    private int most(int number, int length) {
        if (length >= config.maxLength()) {
            throw new IllegalArgumentException("prompt " + number + " of " + length
                    + " tokens leaves no room for new ones: max_length counts it in and is " + config.maxLength()
                    + ". Shorten the prompt, raise max_length, or set max_new_tokens");
        }
        return Math.min(config.maxNewTokens(), config.maxLength() - length);
    }

    private void requireRoom(List<Continuation> prompts, int vocabulary) {
        Anatomy anatomy = model.anatomy();
        int before = model.positionsBefore();
        boolean counted = config.maxLength() != GenerationConfig.NO_LENGTH;
        String limit = counted ? "max_length" : "max_new_tokens";
        for (Continuation prompt : prompts) {
            for (int id : prompt.ids()) {
                if (id < 0 || id >= vocabulary) {
                    throw new IllegalArgumentException("prompt " + prompt.number() + " has token id " + id
                            + ", which is not in the vocabulary of " + vocabulary
                            + " tokens: is the tokenizer that of this checkpoint?");
                }
            }
            // The last new token needs no position: the model never sees it.
            long needed = (long) before + prompt.unseen() + prompt.most() - 1;
            if (anatomy.positions() == Anatomy.PositionScheme.LEARNED && needed > anatomy.maxPositions()) {
                throw new IllegalArgumentException("prompt " + prompt.number() + " of " + prompt.unseen()
                        + " tokens" + (before == 0 ? "" : " after " + before + " of the adapter's")
                        + " and " + limit + " " + (counted ? config.maxLength() : prompt.most()) + " need " + needed
                        + " positions, but " + anatomy.modelType()
                        + " has a table of " + anatomy.maxPositions()
                        + ": shorten the prompt or lower " + limit + " by " + (needed - anatomy.maxPositions()));
            }
        }
    }

    private void run(List<Continuation> all, @Nullable RowSelection selection, Listener listener)
            throws InterruptedException {
        List<Continuation> active = all;
        try (KeyValueCache cache = cache(all.size())) {
            while (!active.isEmpty()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("generation was interrupted");
                }
                step(active, cache, of(active, selection), listener);
                active = withoutStopped(active, cache);
            }
        }
    }

    private KeyValueCache cache(int rows) {
        try (Lease pass = model.leases().pass()) {
            return new KeyValueCache(model.scope(), rows, model.config().layers());
        }
    }

    private static @Nullable RowSelection of(List<Continuation> active, @Nullable RowSelection selection) {
        return selection == null
                ? null
                : selection.keep(active.stream().mapToInt(Continuation::number).toArray());
    }

    private static List<Continuation> withoutStopped(List<Continuation> active, KeyValueCache cache) {
        int[] remaining = IntStream.range(0, active.size())
                .filter(row -> !active.get(row).stopped())
                .toArray();
        if (remaining.length == active.size()) {
            return active;
        }
        cache.keepRows(remaining);
        return IntStream.of(remaining).mapToObj(active::get).toList();
    }

    /** Shows each row's next tokens to the model and adds a token to each row of which it has seen all. */
    private void step(
            List<Continuation> active, KeyValueCache cache, @Nullable RowSelection selection, Listener listener) {
        int piece = Math.max(SMALLEST_PIECE, TOKENS_AT_ONCE / active.size());
        List<int[]> tokens = active.stream().map(row -> row.next(piece)).toList();
        int[] past = IntStream.range(0, active.size()).map(cache::length).toArray();
        ModelInput plain = ModelInput.of(tokens);
        ModelInput input =
                new ModelInput(plain.tokenIds(), new Rows(plain.rows().lengths(), past, selection), null, List.of());
        int[] ready = IntStream.range(0, active.size())
                .filter(row -> active.get(row).unseen() == 0)
                .toArray();
        List<Continuation> rows = IntStream.of(ready).mapToObj(active::get).toList();
        // A listener may take its time, which is not the model's.
        add(rows, chosen(input, cache, ready, rows), listener);
    }

    private int[] chosen(ModelInput input, KeyValueCache cache, int[] ready, List<Continuation> rows) {
        try (Lease pass = model.leases().pass();
                Scope scope = model.scope().child();
                NDArray logits = new Decoding(model, cache).next(scope, input)) {
            return ready.length == 0 ? new int[0] : choose(scope, logits, ready, rows);
        }
    }

    private int[] choose(Scope scope, NDArray logits, int[] ready, List<Continuation> rows) {
        long[] draws = rows.stream().mapToLong(Continuation::draw).toArray();
        Kernels kernels = scope.kernels();
        if (ready.length == logits.getShape().get(0)) {
            return sampler.choose(scope, changed(scope, logits, rows), draws);
        }
        try (NDArray index = scope.longs(ready);
                NDArray selected = kernels.rows(logits, index)) {
            return sampler.choose(scope, changed(scope, selected, rows), draws);
        }
    }

    /** The scores after what applies however tokens are chosen: repetition penalty, then minimal length. */
    private NDArray changed(Scope scope, NDArray logits, List<Continuation> rows) {
        int[] tooShort = endings.length == 0
                ? new int[0]
                : IntStream.range(0, rows.size())
                        .filter(row -> rows.get(row).newTokens() < config.minNewTokens())
                        .toArray();
        if (config.repetitionPenalty() == 1 && tooShort.length == 0) {
            return logits;
        }
        NDArray scores = scope.kernels().cast(logits, Precision.FLOAT32);
        ScoreKernels change = new ScoreKernels(scope);
        if (config.repetitionPenalty() != 1) {
            change.penalize(scores, rows.stream().map(Continuation::ids).toList(), config.repetitionPenalty());
        }
        if (tooShort.length > 0) {
            long vocabulary = scores.getShape().get(1);
            change.suppress(
                    scores,
                    tooShort,
                    IntStream.of(endings).filter(id -> id < vocabulary).toArray());
        }
        return scores;
    }

    /** Settings that scores are divided by, and that can make them infinite. */
    private String extremes() {
        return (config.repetitionPenalty() == 1 ? "" : ", or the repetition penalty " + config.repetitionPenalty())
                + (config.greedy() || config.temperature() == 1 ? "" : ", or the temperature " + config.temperature());
    }

    private void add(List<Continuation> rows, int[] chosen, Listener listener) {
        for (int i = 0; i < chosen.length; i++) {
            Continuation row = rows.get(i);
            int id = chosen[i];
            if (id < 0) {
                throw new IllegalStateException("the model's scores after " + row.newTokens() + " new tokens of prompt "
                        + row.number() + " are not finite: are the weights damaged, or too large for "
                        + model.precision().text() + extremes() + "?");
            }
            row.add(id);
            if (IntStream.of(endings).anyMatch(ending -> ending == id)) {
                row.stop(Generated.Reason.STOP);
            } else if (row.newTokens() == row.most()) {
                row.stop(Generated.Reason.LENGTH);
            }
            listener.token(row.number(), id);
        }
    }

    /** Is told of each new token at once, as streamed output needs. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Takes a new token; an exception ends the generation.
         *
         * @param prompt number of the prompt that it continues, from 0 on
         * @param id the token
         */
        void token(int prompt, int id);
    }

    /**
     * The continuation of one prompt.
     *
     * @param ids the new tokens; where the reason is {@link Reason#STOP}, the last of them is the one that ended the text
     * @param reason why there are no more
     */
    public record Generated(int[] ids, Reason reason) {

        /** Why the continuation of a prompt ended. */
        public enum Reason {
            /** The last token is one that ends a text. */
            STOP,
            /** As many tokens were made as were asked for. */
            LENGTH;

            /** The name in reports: {@code stop} or {@code length}. */
            public String text() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }
}
