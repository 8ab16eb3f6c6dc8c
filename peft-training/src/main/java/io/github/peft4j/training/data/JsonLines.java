package io.github.peft4j.training.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.training.data.RowException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** JSON Lines: one object per line, in UTF-8. Lines of white space are nothing. */
final class JsonLines implements RowFormat {

    private static final ObjectReader JSON = reader();

    private static ObjectReader reader() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .build());
        return mapper.readerFor(JsonNode.class);
    }

    @Override
    public List<String> extensions() {
        return List.of(".jsonl", ".ndjson", ".json");
    }

    @Override
    public void read(Path file, RowConsumer rows) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            LineReader lines = new LineReader(in);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                try {
                    String text = text(line);
                    if (!text.isBlank()) {
                        rows.row(lines.number(), object(text));
                    }
                } catch (RowException e) {
                    rows.problem(lines.number(), e);
                }
            }
        }
    }

    private static String text(byte[] line) throws RowException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RowException(Problem.NOT_JSON, "not UTF-8");
        }
    }

    private static ObjectNode object(String text) throws RowException {
        try (JsonParser parser = JSON.createParser(text)) {
            JsonNode node = JSON.readValue(parser);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new RowException(
                    Problem.NOT_JSON,
                    "expected an object, got " + RowFields.described(node)
                            + (node.isArray()
                                    ? "; a file that is one list must be written with one object per line"
                                    : ""));
        } catch (JsonProcessingException e) {
            boolean open = text.strip().equals("[") || text.strip().equals("{");
            throw new RowException(
                    Problem.NOT_JSON,
                    e.getOriginalMessage().lines().findFirst().orElse("") + " at column "
                            + e.getLocation().getColumnNr()
                            + (open ? "; each line must hold a whole object" : ""));
        } catch (IOException e) {
            throw new RowException(Problem.NOT_JSON, String.valueOf(e.getMessage()));
        }
    }
}
