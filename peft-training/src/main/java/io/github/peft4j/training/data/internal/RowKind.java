package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.List;

/** What a row is, and the keys that say so. */
public enum RowKind {
    INPUT_IDS("input_ids"),
    MESSAGES("messages"),
    PROMPT("prompt", "completion"),
    INSTRUCTION("instruction", "output"),
    TEXT("text"),
    TOKENS("tokens"),
    PAIR("anchor", "positive"),
    SCORED_PAIR("text", "text_pair", "score");

    /** Those of which next tokens are learned, the first that a row has the keys of. */
    private static final List<RowKind> OF_NEXT_TOKENS = List.of(INPUT_IDS, MESSAGES, PROMPT, INSTRUCTION, TEXT);

    private static final List<RowKind> OF_PAIRS = List.of(PAIR, SCORED_PAIR);

    private final List<String> keys;

    RowKind(String... keys) {
        this.keys = List.of(keys);
    }

    /** Its name in reports. */
    public String title() {
        return keys.get(0);
    }

    static RowKind of(FileRow row) throws RowException {
        return first(
                OF_NEXT_TOKENS,
                row,
                "input_ids and labels, messages, prompt and completion, instruction and output, or text");
    }

    static RowKind ofPairs(FileRow row) throws RowException {
        return first(OF_PAIRS, row, "anchor and positive, and perhaps negative; or text, text_pair and score");
    }

    private static RowKind first(List<RowKind> kinds, FileRow row, String expected) throws RowException {
        for (RowKind kind : kinds) {
            if (kind.keys.stream().allMatch(row::tells)) {
                return kind;
            }
        }
        // Tables have every column in every row: that a value is missing is told only where the row is of no other
        // kind.
        for (RowKind kind : kinds) {
            if (kind.keys.stream().allMatch(row::has)) {
                return kind;
            }
        }
        throw new RowException(
                Problem.NOT_AN_EXAMPLE, "expected " + expected + "; got the keys " + JsonWriter.shown(row.keys()));
    }
}
