package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.text.template.internal.ModelText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instruction rows in the form "Human: ... Assistant: ", cut to 256 tokens, as the tutorials of prompt tuning on Bloom prepare them with transformers. */
@Tag("golden")
class InstructionRowsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private JsonNode golden;

    @BeforeEach
    void write() throws IOException {
        try (InputStream in = InstructionRowsTest.class.getResourceAsStream("/golden/instructions.json")) {
            golden = JSON.readTree(in);
        }
        for (var file : golden.get("files").properties()) {
            Files.writeString(folder.resolve(file.getKey()), JSON.writeValueAsString(file.getValue()));
        }
    }

    private EncodingOptions options(ModelText text) {
        return EncodingOptions.of(golden.get("vocabulary").intValue())
                .withText(text)
                .withTemplate(PromptTemplate.HUMAN_ASSISTANT)
                .withMaxLength(golden.get("max_length").intValue())
                .withTruncation(EncodingOptions.Truncation.RIGHT);
    }

    private List<JsonNode> rows() {
        return StreamSupport.stream(golden.get("rows").spliterator(), false).toList();
    }

    @Test
    void idsAndLabelsAreTransformersRowByRow() throws IOException {
        Path file = Files.write(
                folder.resolve("rows.jsonl"),
                rows().stream().map(row -> row.get("row").toString()).toList());
        try (ModelText text = ModelText.in(folder)) {
            Dataset read = Dataset.read(List.of(file), options(text));
            assertThat(read.rows()).hasSameSizeAs(rows());
            for (int i = 0; i < rows().size(); i++) {
                Row row = read.rows().get(i);
                JsonNode expected = rows().get(i);
                assertThat(row.tokenIds())
                        .as(expected.get("row").toString())
                        .isEqualTo(ints(expected.get("input_ids")));
                assertThat(((Row.Target.NextTokens) row.target()).labels()).isEqualTo(ints(expected.get("labels")));
            }
            assertThat(read.report().oddRows().cut())
                    .isEqualTo((int) read.rows().stream()
                            .filter(row ->
                                    row.length() == golden.get("max_length").intValue())
                            .count())
                    .isEqualTo(2);
        }
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
