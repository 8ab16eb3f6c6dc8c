package io.github.peft4j.methods.vocabulary;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.golden.GoldenAdapter;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows of a batch that choose an adapter with a vocabulary of its own. */
class VocabularyRowsTest {

    private static final GoldenAdapter MORE = new GoldenAdapter("vocabulary", "qwen2-tokens");
    private static final GoldenAdapter PLAIN = new GoldenAdapter("lora", "qwen2-tokens");

    private static PeftModel<?> both(Model<LanguageHead> model) throws IOException {
        PeftModel<?> peft = PeftModel.load(model, PLAIN.folder());
        peft.load(MORE.folder(), "more");
        return peft;
    }

    @Test
    void rowsOfOneBatchChooseItAllTogether() throws IOException, InterruptedException {
        try (Model<LanguageHead> model = PLAIN.base(Precision.FLOAT32)) {
            PeftModel<?> peft = both(model);
            assertThat(peft.status().adapter("default").byRows()).isTrue();
            assertThat(peft.status().adapter("more").byRows()).isFalse();
            var selection = peft.selectRows(List.of("more", "more"));
            assertThat(model.backbone().vocabSize(selection)).isEqualTo(52);
            assertThat(model.vocabSize()).isEqualTo(48);
            float[] chosen = ToyOutputs.logits(model, selection);
            GenerationConfig greedy =
                    GenerationConfig.builder().greedy(true).maxNewTokens(6).build();
            List<int[]> prompts = List.of(new int[] {3, 51}, new int[] {50});
            int[] made = new Generator(model, greedy)
                    .generate(prompts, selection, (prompt, id) -> {})
                    .get(0)
                    .ids();
            peft.setActive("more");
            assertClose("chosen", chosen, ToyOutputs.logits(model, peft.selectRows(List.of("more", "more"))), 0);
            assertThat(new Generator(model, greedy).generate(prompts).get(0).ids())
                    .isEqualTo(made);
            assertThatThrownBy(() -> new Generator(model, greedy)
                            .generate(prompts, peft.selectRows(List.of("default", "default")), (prompt, id) -> {}))
                    .hasMessageContaining("token id 51, which is not in the vocabulary of 48 tokens");
        }
    }

    @Test
    void rowsThatChooseOthersBesideItAreRefused() throws IOException {
        try (Model<LanguageHead> model = PLAIN.base(Precision.FLOAT32)) {
            PeftModel<?> peft = both(model);
            for (String other : List.of("default", PeftModel.BASE)) {
                assertThatThrownBy(() -> peft.selectRows(List.of(other, "more")))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessage(
                                "adapter 'more' brings a vocabulary of 52 tokens, and cannot be used for some rows of a"
                                        + " batch only: run those rows in a batch of their own");
            }
            peft.setActive("more");
            assertThat(model.backbone().vocabSize(peft.selectRows(List.of(PeftModel.BASE, "default"))))
                    .isEqualTo(48);
        }
    }
}
