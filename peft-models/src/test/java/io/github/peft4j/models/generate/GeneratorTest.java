package io.github.peft4j.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.LiveArrays;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.internal.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class GeneratorTest extends GeneratorCase {

    static final List<String> FAMILIES = Toy.FAMILIES;

    private static int[] random(int length, long seed) {
        return new SplittableRandom(seed).ints(length, 0, 48).toArray();
    }

    /** The likeliest tokens by passes over the whole text, with nothing kept from one to the next. */
    private static int[] withoutCache(Model<LanguageHead> model, int[] prompt, int count) {
        int[] text = prompt;
        for (int i = 0; i < count; i++) {
            try (Scope scope = model.scope().child();
                    NDArray logits = model.logits(scope, ModelInput.of(List.of(text)));
                    NDArray best = scope.kernels().argMax(logits)) {
                long[] ids = scope.kernels().toLongs(best);
                text = Arrays.copyOf(text, text.length + 1);
                text[text.length - 1] = (int) ids[ids.length - 1];
            }
        }
        return Arrays.copyOfRange(text, prompt.length, text.length);
    }

    // ---- what is generated

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void makesWithTheCacheWhatItMakesWithout(String family) throws InterruptedException {
        try (Model<LanguageHead> model = Toy.load(family, Precision.FLOAT32)) {
            List<int[]> prompts = List.of(random(3, 1), random(17, 2));
            List<int[]> made = ids(model, tokens(20).build(), prompts);
            assertThat(made.get(0)).containsExactly(withoutCache(model, prompts.get(0), 20));
            assertThat(made.get(1)).containsExactly(withoutCache(model, prompts.get(1), 20));
        }
    }

    @Test
    void readsLongPromptsInPiecesBesideShortOnes() throws InterruptedException {
        List<int[]> prompts = List.of(random(1300, 3), random(2, 4), random(300, 5));
        List<int[]> made = ids(llama, tokens(5).build(), prompts);
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(made.get(i)).containsExactly(withoutCache(llama, prompts.get(i), 5));
        }
    }

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void drawsTheSameTokensWhateverTheBatch(String family) throws InterruptedException {
        GenerationConfig config = tokens(20).temperature(0.9).topP(0.95).seed(3).build();
        try (Model<LanguageHead> model = Toy.load(family, Precision.FLOAT32)) {
            List<int[]> together = ids(model, config, PROMPTS);
            List<int[]> backwards = ids(model, config, List.of(PROMPTS.get(2), PROMPTS.get(1), PROMPTS.get(0)));
            for (int i = 0; i < PROMPTS.size(); i++) {
                assertThat(ids(model, config, List.of(PROMPTS.get(i))).get(0)).containsExactly(together.get(i));
                assertThat(backwards.get(2 - i)).containsExactly(together.get(i));
            }
        }
    }

    @Test
    void otherSeedsDrawOtherTokens() throws InterruptedException {
        List<int[]> made = new ArrayList<>();
        for (long seed : LongStream.range(0, 5).toArray()) {
            made.add(ids(llama, tokens(20).topK(0).seed(seed).build(), List.of(PROMPTS.get(1)))
                    .get(0));
        }
        assertThat(made).doesNotHaveDuplicates();
    }

    @Test
    void drawingFromOneTokenIsGreedy() throws InterruptedException {
        List<int[]> greedy = ids(llama, tokens(12).build(), PROMPTS);
        assertThat(ids(llama, tokens(12).topK(1).build(), PROMPTS)).containsExactlyElementsOf(greedy);
        assertThat(ids(llama, tokens(12).topP(0).build(), PROMPTS)).containsExactlyElementsOf(greedy);
    }

    @Test
    void ignoredEndingsAreTokensLikeOthers() throws InterruptedException {
        List<int[]> plain = ids(llama, tokens(12).build(), PROMPTS);
        List<Integer> endings = IntStream.range(0, 48).boxed().toList();
        assertThat(ids(
                        llama,
                        tokens(12)
                                .eosTokenIds(endings)
                                .ignoreEos(true)
                                .minNewTokens(5)
                                .build(),
                        PROMPTS))
                .containsExactlyElementsOf(plain);
    }

    @Test
    void endingsBeyondTheVocabularyEndNothing() throws InterruptedException {
        List<int[]> plain = ids(llama, tokens(12).build(), PROMPTS);
        assertThat(ids(
                        llama,
                        tokens(12).eosTokenIds(List.of(1000)).minNewTokens(5).build(),
                        PROMPTS))
                .containsExactlyElementsOf(plain);
    }

    @Test
    void anEmptyPromptIsTheTokenThatBeginsTexts() throws InterruptedException {
        GenerationConfig config = tokens(8).bosTokenId(1).build();
        assertThat(ids(llama, config, List.of(new int[0])).get(0))
                .containsExactly(ids(llama, config, List.of(new int[] {1})).get(0));
    }

    @Test
    void nothingComesOfNoPrompts() throws InterruptedException {
        assertThat(new Generator(llama, tokens(8).build()).generate(List.of())).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void generatesInBfloat16(String family) throws InterruptedException {
        try (Model<LanguageHead> model = Toy.load(family, Precision.BFLOAT16)) {
            List<int[]> made = ids(
                    model, tokens(20).repetitionPenalty(1.1).minNewTokens(20).build(), PROMPTS);
            assertThat(made).allSatisfy(ids -> assertThat(ids).hasSize(20));
        }
    }

    // ---- what stands before the prompts

    private static Model.InputTransform virtualTokens(int count) {
        return new Model.InputTransform() {
            @Override
            public ModelInput apply(Forward context, ModelInput input) {
                return input.withVirtualTokens(Activation.constant(filled(context.scope(), 0.3f, count, 16)));
            }

            @Override
            public int virtualTokens() {
                return count;
            }
        };
    }

    private static Model.InputTransform prefix(int count) {
        return (context, input) -> input.withPastKeyValues(IntStream.range(0, 2)
                .mapToObj(layer -> new KeyValue(
                        Activation.constant(filled(context.scope(), 0.5f + layer, count, 2, 4)),
                        Activation.constant(filled(context.scope(), -0.4f, count, 2, 4))))
                .toList());
    }

    private static NDArray filled(Scope scope, float step, int... dimensions) {
        long[] shape = Arrays.stream(dimensions).asLongStream().toArray();
        float[] values = new float[Arrays.stream(dimensions).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(step * i);
        }
        return scope.floats(values, shape);
    }

    @Test
    void virtualTokensStandBeforeEveryPrompt() throws InterruptedException {
        requireEffect(virtualTokens(4), 4);
    }

    @Test
    void keysAndValuesStandBeforeEveryPrompt() throws InterruptedException {
        requireEffect(prefix(3), 3);
    }

    private void requireEffect(Model.InputTransform transform, int positions) throws InterruptedException {
        List<int[]> plain = ids(llama, tokens(12).build(), PROMPTS);
        int before = LiveArrays.count(llama.scope());
        llama.addInputTransform(transform);
        try {
            assertThat(llama.positionsBefore()).isEqualTo(positions);
            List<int[]> made = ids(llama, tokens(12).build(), PROMPTS);
            assertThat(made.get(2)).isNotEqualTo(plain.get(2));
            for (int i = 0; i < PROMPTS.size(); i++) {
                assertThat(made.get(i)).containsExactly(withoutCache(llama, PROMPTS.get(i), 12));
            }
        } finally {
            llama.removeInputTransform(transform);
        }
        assertThat(llama.positionsBefore()).isZero();
        assertThat(LiveArrays.count(llama.scope())).isEqualTo(before);
    }

    // ---- refusals

    private void assertRefused(
            Model<LanguageHead> model, GenerationConfig config, List<int[]> prompts, String message) {
        int[] heard = new int[1];
        assertThatThrownBy(() -> new Generator(model, config).generate(prompts, (prompt, id) -> heard[0]++))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(heard[0]).isZero();
    }

    @Test
    void refusesAnEmptyPromptWithoutATokenToBeginWith() {
        assertRefused(
                llama,
                tokens(5).build(),
                List.of(new int[] {1}, new int[0]),
                "prompt 1 is empty, and no bos_token_id is there to begin with: give at least one token");
    }

    @Test
    void refusesTokensThatAreNotInTheVocabulary() {
        assertRefused(
                llama,
                tokens(5).build(),
                List.of(new int[] {1}, new int[] {2, 48}),
                "prompt 1 has token id 48, which is not in the vocabulary of 48 tokens: is the tokenizer that of this"
                        + " checkpoint?");
    }

    @Test
    void countsPromptsInWhereTheWholeLengthIsLimited() throws InterruptedException {
        try (Model<LanguageHead> model = Toy.load("gpt2", Precision.FLOAT32)) {
            GenerationConfig whole = GenerationConfig.builder().maxLength(12).build();
            assertThat(ids(model, whole, List.of(random(3, 1), random(11, 1))))
                    .extracting(made -> made.length)
                    .containsExactly(9, 1);
            assertThat(ids(model, whole, List.of(random(3, 1))).get(0))
                    .isEqualTo(
                            ids(model, tokens(9).build(), List.of(random(3, 1))).get(0));
            assertRefused(
                    model,
                    whole,
                    List.of(random(3, 1), random(12, 1)),
                    "prompt 1 of 12 tokens leaves no room for new ones: max_length counts it in and is 12. Shorten the prompt,"
                            + " raise max_length, or set max_new_tokens");
            assertRefused(
                    model,
                    GenerationConfig.builder().maxLength(42).build(),
                    List.of(random(30, 1)),
                    "prompt 0 of 30 tokens and max_length 42 need 41 positions, but gpt2 has a table of 40: shorten the prompt"
                            + " or lower max_length by 1");
        }
    }

    @Test
    void refusesMoreTokensThanATableOfPositionsHas() throws InterruptedException {
        try (Model<LanguageHead> model = Toy.load("gpt2", Precision.FLOAT32)) {
            assertThat(ids(model, tokens(11).build(), List.of(random(30, 1))).get(0))
                    .hasSize(11);
            assertRefused(
                    model,
                    tokens(12).build(),
                    List.of(random(3, 1), random(30, 1)),
                    "prompt 1 of 30 tokens and max_new_tokens 12 need 41 positions, but gpt2 has a table of 40: shorten the"
                            + " prompt or lower max_new_tokens by 1");
            Model.InputTransform transform = virtualTokens(4);
            model.addInputTransform(transform);
            assertThat(ids(model, tokens(7).build(), List.of(random(30, 1))).get(0))
                    .hasSize(7);
            assertRefused(
                    model,
                    tokens(11).build(),
                    List.of(random(30, 1)),
                    "prompt 0 of 30 tokens after 4 of the adapter's and max_new_tokens 11 need 44 positions, but gpt2 has a"
                            + " table of 40: shorten the prompt or lower max_new_tokens by 4");
        }
    }

    @Test
    void refusesScoresThatAreNotFinite() {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32)) {
            Weight head = model.head().outputWeight();
            head.makeWritable();
            model.scope().kernels().scaleInto(head.array(), Double.NaN);
            assertThatThrownBy(() -> new Generator(model, tokens(5).build()).generate(PROMPTS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "the model's scores after 0 new tokens of prompt 0 are not finite: are the weights damaged,"
                                    + " or too large for float32?");
        }
    }
}
