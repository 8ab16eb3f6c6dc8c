package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.QkvProjection;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every architecture must do as transformers does it; each extends this with the name of a golden case. The parts are in the
 * classes above this one.
 */
@Tag("golden")
public abstract class ModelFamilyContract extends PromptContract {

    protected ModelFamilyContract(String golden) {
        super(golden);
    }

    @Test
    void loadsAgainWhatWasWritten(@TempDir Path folder) throws IOException {
        Files.copy(golden.folder().resolve("config.json"), folder.resolve("config.json"));
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<TensorSource> tensors = new ArrayList<>();
        model.weightsByPath().forEach((path, weight) -> {
            if (seen.add(weight)) {
                List<Long> shape =
                        Arrays.stream(weight.shape().getShape()).boxed().toList();
                tensors.add(TensorSource.of(
                        new TensorInfo(path, StoredType.F32, shape),
                        weight.array().toByteBuffer()));
            }
        });
        ShardedWriter.write(folder, Map.of("format", "pt"), tensors, 10_000);
        try (Model<LanguageHead> again = load(folder, Precision.FLOAT32)) {
            assertThat(logits(again, input())).isEqualTo(logits(model, input()));
        }
    }

    @Test
    void declaresWhereItsPartsAre() {
        Anatomy anatomy = model.anatomy();
        Map<String, Module> modules = model.modulesByPath();
        List<String> linears = modules.keySet().stream()
                .filter(path -> modules.get(path) instanceof Linear && !path.equals(anatomy.head()))
                .toList();
        assertThat(anatomy.linears()).extracting(Anatomy.LinearLayer::path).isEqualTo(linears);
        anatomy.linears()
                .forEach(layer -> assertThat(((Linear) model.at(layer.path())).bias() != null)
                        .isEqualTo(layer.bias()));
        assertThat(anatomy.norms())
                .containsExactlyInAnyOrderElementsOf(modules.keySet().stream()
                        .filter(path -> modules.get(path) instanceof RmsNorm || modules.get(path) instanceof LayerNorm)
                        .toList());
        anatomy.norms().forEach(path -> {
            Module norm = model.at(path);
            assertThat(norm.withWeights(weight -> weight)).isNotSameAs(norm).hasSameClassAs(norm);
            assertThat(norm.withWeights(weight -> weight).ownWeights()).isEqualTo(norm.ownWeights());
        });
        assertThat(anatomy.embeddings())
                .isEqualTo(modules.keySet().stream()
                        .filter(path -> modules.get(path) instanceof Embedding)
                        .toList());
        Weight head = ((Linear) model.at(anatomy.head())).weight();
        assertThat(head == ((Embedding) model.at(anatomy.inputEmbedding())).weight())
                .isEqualTo(anatomy.headIsTied());
        assertThat(anatomy.blocks()).hasSize(model.config().layers()).allSatisfy(this::declaresABlock);
        assertThat(anatomy.modelType()).isEqualTo(model.config().modelType());
        assertThat(anatomy.maxPositions()).isEqualTo(model.config().maxPositions());
    }

    private void declaresABlock(Anatomy.Block block) {
        Attention attention = (Attention) model.at(block.attention());
        Attention.Geometry geometry = attention.geometry();
        assertThat(model.anatomy().cache())
                .isEqualTo(new Anatomy.CacheGeometry(
                        model.config().layers(), geometry.keyValueHeads(), geometry.headSize()));
        assertThat(attention.projection() instanceof QkvProjection.Fused).isEqualTo(block.fused());
        assertThat(block.projections()).hasSize(block.fused() ? 1 : 3);
        assertThat(block.linears())
                .extracting(Anatomy.LinearLayer::path)
                .containsAll(block.projections())
                .contains(block.attentionOutput())
                .filteredOn(path -> !path.startsWith(block.attention() + "."))
                .startsWith(block.feedForwardInputs().toArray(String[]::new))
                .endsWith(block.feedForwardOutput())
                .hasSize(block.feedForwardInputs().size() + 1);
        assertThat(block.attention()).startsWith(block.path() + ".");
    }
}
