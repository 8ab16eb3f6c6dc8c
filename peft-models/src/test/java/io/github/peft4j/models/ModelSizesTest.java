package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes that are read from a config alone. */
class ModelSizesTest {

    @ParameterizedTest
    @CsvSource({
        "llama, 16, 2, 4, 2, 6, 26, 37, 1024, false",
        "llama-biased, 18, 2, 3, 3, 6, 26, 37, 1024, true",
        "mistral, 16, 2, 4, 1, 8, 26, 37, 1024, false",
        "qwen2, 16, 2, 4, 2, 4, 26, 37, 1024, false",
        "gpt2, 20, 2, 4, 4, 5, 29, 41, 48, true",
        "bloom, 18, 2, 6, 6, 3, 72, 43, 0, true"
    })
    void readsSizesWithoutWeights(
            String name,
            int hidden,
            int layers,
            int heads,
            int groups,
            int head,
            int inner,
            int vocabulary,
            int most,
            boolean tied)
            throws IOException {
        try (Golden golden = Golden.of(name)) {
            ModelConfig sizes = Models.sizes(Models.config(golden.folder()));
            assertThat(List.of(
                            sizes.hiddenSize(),
                            sizes.layers(),
                            sizes.heads(),
                            sizes.keyValueHeads(),
                            sizes.headSize(),
                            sizes.feedForwardSize(),
                            sizes.vocabSize(),
                            sizes.maxPositions()))
                    .containsExactly(hidden, layers, heads, groups, head, inner, vocabulary, most);
            assertThat(sizes.tied()).isEqualTo(tied);
            assertThat(Models.config(golden.folder()).dtype()).isEqualTo("float32");
            assertThat(sizes.modelType()).isEqualTo(Models.modelType(Models.config(golden.folder())));
        }
    }
}
