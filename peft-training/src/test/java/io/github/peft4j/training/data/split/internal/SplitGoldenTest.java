package io.github.peft4j.training.data.split.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.training.data.columnar.internal.ColumnarFiles;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Slices of splits and the splits of folders, as {@code datasets} finds them. */
final class SplitGoldenTest {

    private static Stream<JsonNode> cases(String kind) throws IOException {
        JsonNode all =
                new ObjectMapper().readTree(ColumnarFiles.path("splits.json").toFile());
        return StreamSupport.stream(all.get(kind).spliterator(), false);
    }

    private static Stream<JsonNode> slices() throws IOException {
        return cases("slices");
    }

    private static Stream<JsonNode> layouts() throws IOException {
        return cases("layouts");
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    @ParameterizedTest
    @MethodSource("slices")
    void aSliceHasTheRowsThatDatasetsGivesIt(JsonNode slice) throws IOException {
        String split = slice.get("split").asText();
        long count = slice.get("count").asLong();
        if (slice.get("rows").isNull()) {
            assertThatThrownBy(() -> ranges(split, count)).isInstanceOf(DataException.class);
        } else {
            List<SplitPart.Range> expected = new ArrayList<>();
            slice.get("rows")
                    .forEach(rows -> expected.add(new SplitPart.Range(
                            rows.get(0).asLong(), rows.get(1).asLong())));
            assertThat(ranges(split, count)).isEqualTo(expected);
        }
    }

    private static List<SplitPart.Range> ranges(String split, long count) throws IOException {
        List<SplitPart.Range> ranges = new ArrayList<>();
        for (SplitPart part : SplitPart.parse(split)) {
            ranges.add(part.of(count));
        }
        return ranges;
    }

    /** But that a file which several patterns find is read once. */
    @ParameterizedTest
    @MethodSource("layouts")
    void aPublishedFolderHasTheSplitsThatDatasetsFinds(JsonNode layout, @TempDir Path folder) throws IOException {
        for (String name : texts(layout.get("files"))) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "x");
        }
        if (layout.has("card")) {
            String head = "---\n" + String.join("\n", texts(layout.get("card"))) + "\n---\n";
            Files.writeString(folder.resolve("README.md"), head + "# Title\nconfigs:\n- none\n");
        }
        Map<String, List<Path>> expected = new LinkedHashMap<>();
        layout.get("splits")
                .fields()
                .forEachRemaining(split -> expected.put(
                        split.getKey(),
                        texts(split.getValue()).stream()
                                .distinct()
                                .map(folder::resolve)
                                .toList()));
        Map<String, List<Path>> found = DataFolder.of(folder, null).splits();
        assertThat(found).isEqualTo(expected);
        assertThat(found.keySet()).containsExactlyElementsOf(expected.keySet());
    }
}
