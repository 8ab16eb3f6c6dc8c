package io.github.peft4j.models.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a classifier's head comes to be, and what it refuses. */
class SequenceHeadTest {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    @TempDir
    private Path folder;

    @Test
    void theConfigSaysThatACheckpointIsAClassifier() throws IOException {
        try (Golden golden = Golden.classifier("llama");
                Model<Head> model = Models.load(golden.folder(), CPU, Head.class)) {
            assertThat(model.head()).isInstanceOf(SequenceHead.class);
            assertThat(model.anatomy().className()).isEqualTo("LlamaForSequenceClassification");
            assertThat(model.anatomy().head()).isEqualTo("score");
            assertThat(model.with(SequenceHead.class).head().labels().names())
                    .containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
        }
    }

    @Test
    void aLanguageModelBecomesAClassifierWithANewHead() throws IOException {
        try (Golden golden = Golden.of("llama");
                Model<SequenceHead> model = Models.load(
                        golden.folder(), CPU.withLabels(List.of("no", "yes", "perhaps")), SequenceHead.class);
                Model<SequenceHead> again = Models.load(
                        golden.folder(), CPU.withLabels(List.of("no", "yes", "perhaps")), SequenceHead.class);
                Model<SequenceHead> other = Models.load(golden.folder(), CPU.withSeed(1), SequenceHead.class)) {
            assertThat(model.head().newLayers()).containsExactly("score");
            assertThat(model.head().labels().names()).containsExactly("no", "yes", "perhaps");
            assertThat(model.head().outputWeight().shape().getShape()).containsExactly(3, 16);
            float[] drawn = values(model);
            assertThat(values(again)).containsExactly(drawn);
            double squares = 0;
            for (float value : drawn) {
                squares += value * value;
            }
            assertThat(Math.sqrt(squares / drawn.length)).isBetween(0.01, 0.03);
            assertThat(other.head().labels().names()).containsExactly("LABEL_0", "LABEL_1");
            assertThat(model.origin().config())
                    .containsKeys("id2label", "label2id")
                    .containsEntry("architectures", List.of("LlamaForSequenceClassification"));
        }
    }

    private static float[] values(Model<SequenceHead> model) {
        return model.scope().kernels().toFloats(model.head().outputWeight().array());
    }

    @Test
    void aClassifierIsNoLanguageModel() throws IOException {
        try (Golden golden = Golden.classifier("llama")) {
            assertThatThrownBy(() -> Models.load(golden.folder(), CPU))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith(
                            "the checkpoint holds a LlamaForSequenceClassification, expected a LlamaForCausalLM:"
                                    + " use it for what its own head does, or take a checkpoint with the other");
            try (Model<Head> model = Models.load(golden.folder(), CPU, Head.class)) {
                assertThatThrownBy(() -> loss(model, Row.of(new int[] {1, 2}, new int[] {1, 2})))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("a row has no label of its own, and the model's problem_type is"
                                + " multi_label_classification with 3 outputs: expected a list of numbers");
            }
        }
    }

    private static double loss(Model<?> model, Row row) {
        try (Forward context = Forward.inference(model.scope())) {
            return model.head().objective().loss(context, model, new Batch(List.of(row)), 1);
        }
    }

    @Test
    void labelsThatAreNoneOfTheModelsAreRefused() throws IOException {
        try (Golden golden = Golden.classifier("llama");
                Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
            int[] ids = {1, 5};
            assertThatThrownBy(() -> loss(model, new Row(ids, new Row.Target.Label(3))))
                    .hasMessage("label 3 is none of the model's 3: they are numbered from 0");
            assertThatThrownBy(() -> loss(model, new Row(ids, new Row.Target.Scores(new float[2]))))
                    .hasMessage("a row has 2 numbers as its label, expected one for each of the model's 3 outputs");
            assertThatThrownBy(() -> loss(model, new Row(new int[] {1, 99}, new Row.Target.Label(1))))
                    .hasMessageContaining("token id 99 is not in the vocabulary of 37 tokens");
        }
    }

    @Test
    void configsThatCannotBeAreRefused() throws IOException {
        try (Golden golden = Golden.classifier("llama")) {
            Path strange = golden.copy(folder.resolve("strange"), config -> config.put("problem_type", "guessing"));
            assertThatThrownBy(() -> Models.load(strange, CPU, SequenceHead.class))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("problem_type must be one of regression, single_label_classification,"
                            + " multi_label_classification, got \"guessing\"");
            Path gap = golden.copy(
                    folder.resolve("gap"),
                    config -> config.putObject("id2label").put("0", "a").put("2", "b"));
            assertThatThrownBy(() -> Models.load(gap, CPU, SequenceHead.class))
                    .hasMessageContaining("id2label has no name for 1: expected names for 0 to 1");
            Path single = golden.copy(
                    folder.resolve("single"),
                    config -> config.put("problem_type", "single_label_classification")
                            .put("num_labels", 1));
            assertThatThrownBy(() -> Models.load(single, CPU, SequenceHead.class))
                    .hasMessageContaining("needs at least two labels, got 1");
            Path more = golden.copy(folder.resolve("more"), config -> config.put("num_labels", 5));
            assertThatThrownBy(() -> Models.load(more, CPU, SequenceHead.class))
                    .hasMessageContaining("score.weight has shape [3, 16], expected [5, 16]");
        }
    }
}
