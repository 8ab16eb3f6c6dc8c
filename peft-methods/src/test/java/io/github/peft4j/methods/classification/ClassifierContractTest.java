package io.github.peft4j.methods.classification;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.lntuning.LnTuningConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.methods.trainabletokens.TrainableTokensConfig;
import io.github.peft4j.methods.vera.VeraConfig;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A method on classifiers with a new head: what its contract asks of it on models that predict tokens. */
class ClassifierContractTest {

    private static final double CLOSE = 1e-5;

    private static final Batch ROWS = new Batch(List.of(
            new Row(new int[] {3, 25, 19, 14, 16, 45, 20}, new Row.Target.Label(0)),
            new Row(new int[] {3, 46, 4, 11, 5}, new Row.Target.Label(2)),
            new Row(new int[] {8, 30}, new Row.Target.Label(1))));

    private static final Batch TAGS = new Batch(List.of(
            new Row(new int[] {3, 25, 19, 14, 16}, new Row.Target.TokenLabels(new int[] {0, 2, Row.Target.IGNORED, 1, 1
            })),
            new Row(new int[] {8, 30}, new Row.Target.TokenLabels(new int[] {2, 0}))));

    @TempDir
    private Path folder;

    /** A method that changes layers, or one that changes inputs. */
    private enum Kind {
        LAYERS,
        INPUTS
    }

    /** On tagging PEFT fails with these: its head is adapted and saved at once, or there is nothing to save it with. */
    private static List<PeftConfig> onTagsAlone() {
        CommonSettings common = CommonSettings.forModel().withTaskType(TaskType.TOKEN_CLS);
        return List.of(
                LoraConfig.builder(3, 6)
                        .common(common)
                        .targetModules(new TargetModules.AllLinear())
                        .build(),
                TrainableTokensConfig.builder()
                        .common(common)
                        .tokenIndices(3, 8, 25)
                        .build());
    }

    static Stream<Arguments> cases() {
        CommonSettings common = CommonSettings.forModel().withTaskType(TaskType.SEQ_CLS);
        Map<Kind, List<PeftConfig>> configs = new EnumMap<>(Map.of(
                Kind.LAYERS,
                List.of(
                        LoraConfig.builder(3, 6).common(common).build(),
                        LoraConfig.builder(3, 6).common(common).useDora(true).build(),
                        Ia3Config.builder().common(common).build(),
                        VeraConfig.builder().set(VeraConfig.R, 5).common(common).build(),
                        LnTuningConfig.builder().common(common).build()),
                Kind.INPUTS,
                List.of(
                        PromptTuningConfig.builder(3).common(common).build(),
                        PrefixTuningConfig.builder(3).common(common).build())));
        List<Arguments> cases = new ArrayList<>();
        for (ToyModel toy : List.of(ToyModel.LLAMA, ToyModel.GEMMA2, ToyModel.BERT)) {
            configs.forEach((kind, each) ->
                    each.forEach(config -> cases.add(Arguments.of(toy, config.peftType(), config, kind))));
        }
        onTagsAlone()
                .forEach(config ->
                        cases.add(Arguments.of(ToyModel.BERT, config.peftType() + " on tags", config, Kind.LAYERS)));
        return cases.stream();
    }

    private Model<?> load(ToyModel toy, PeftConfig config) throws IOException {
        Path checkpoint = folder.resolve(toy.name());
        return Models.load(
                toy.write(checkpoint),
                LoadOptions.on(Device.cpu())
                        .withPrecision(Precision.FLOAT32)
                        .withLabels(List.of("no", "perhaps", "yes")),
                head(config));
    }

    private static Class<? extends Head> head(PeftConfig config) {
        return config.common().taskType() == TaskType.TOKEN_CLS ? TokenHead.class : SequenceHead.class;
    }

    private static Batch rows(Model<?> model) {
        return model.head() instanceof TokenHead ? TAGS : ROWS;
    }

    private static float[] logits(Model<?> model) {
        List<int[]> ids = rows(model).rows().stream().map(Row::tokenIds).toList();
        try (Scope scope = model.scope().child()) {
            return scope.kernels().toFloats(model.logits(scope, ModelInput.of(ids)));
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void beginsAsTheBaseLearnsAndComesBackFromItsFile(ToyModel toy, String type, PeftConfig config, Kind kind)
            throws IOException {
        float[] trained;
        Path saved = folder.resolve("adapter");
        try (Model<?> model = load(toy, config)) {
            float[] base = logits(model);
            PeftModel<?> peft = PeftModel.attach(model, config);
            if (kind == Kind.LAYERS) {
                assertClose("fresh", logits(model), base, CLOSE);
            }
            double before = ToyTraining.loss(model, rows(model));
            List<Weight> weights = new ArrayList<>(peft.adapter().trainable().values());
            try (ToyTraining training = new ToyTraining(model, weights, ToyTraining.Settings.plain())) {
                for (int step = 0; step < 8; step++) {
                    training.step(rows(model), 1e-2);
                }
            }
            assertThat(ToyTraining.loss(model, rows(model))).isLessThan(before);
            trained = logits(model);
            assertDiffers("trained", trained, base);
            peft.save(saved);
            assertSameBits("without it", peft.withoutAdapters(() -> logits(model)), base);
        }
        try (Model<?> model = load(toy, config)) {
            PeftModel<?> peft = PeftModel.load(model, saved);
            assertSameBits("loaded", logits(model), trained);
            if (kind == Kind.LAYERS) {
                peft.mergeActive();
                assertClose("merged", logits(model), trained, CLOSE);
                Path merged = folder.resolve("merged");
                peft.saveMerged(merged);
                try (Model<?> again = Models.load(merged, LoadOptions.on(Device.cpu()), head(config))) {
                    assertThat(again.head().newLayers()).isEmpty();
                    assertSameBits("saved merged", logits(again), logits(model));
                }
            } else {
                assertThatThrownBy(peft::mergeActive).isInstanceOf(UnsupportedOperationException.class);
            }
        }
    }

    @Test
    void allLinearLayersOfATaggerAreThoseBeforeItsHead() throws IOException {
        try (Model<?> model = load(ToyModel.BERT, onTagsAlone().get(0))) {
            Map<String, Weight> learned =
                    PeftModel.attach(model, onTagsAlone().get(0)).adapter().trainable();
            assertThat(learned.keySet())
                    .contains("base_model.model.classifier.weight", "base_model.model.classifier.bias")
                    .noneMatch(name -> name.startsWith("base_model.model.classifier.lora"))
                    .anyMatch(name -> name.endsWith("output.dense.lora_A.weight"));
        }
    }
}
