package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.List;

/** What a row is, and the keys that say so. */
public enum RowKind {
    INPUT_IDS("input_ids"),
    MESSAGES("messages"),
    CONVERSATIONS("conversations"),
    PROMPT("prompt", "completion"),
    INSTRUCTION("instruction", "output"),
    TEXT("text"),
    TOKENS("tokens"),
    PAIR("anchor", "positive"),
    SCORED_PAIR("text", "text_pair", "score");

    /** Those of which next tokens are learned, the first that a row has the keys of. */
    private static final List<RowKind> OF_NEXT_TOKENS =
            List.of(INPUT_IDS, MESSAGES, CONVERSATIONS, PROMPT, INSTRUCTION, TEXT);

    /** What others call prompt and completion; which is meant is said, never guessed. */
    private static final List<List<String>> OTHER_NAMES = List.of(
            List.of("question", "answer"),
            List.of("question", "response"),
            List.of("query", "response"),
            List.of("query", "answer"),
            List.of("prompt", "response"),
            List.of("instruction", "response"),
            List.of("input", "output"),
            List.of("input", "target"));

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
                "input_ids and labels, messages, conversations, prompt and completion, instruction and output, or text"
                        + advice(row));
    }

    private static String advice(FileRow row) {
        if (row.has("chosen") && row.has("rejected")) {
            return " (preferences are not learned from; to learn what was chosen, map the columns completion=chosen)";
        }
        return OTHER_NAMES.stream()
                .filter(names -> names.stream().allMatch(row::has))
                .findFirst()
                .map(names -> " (to learn " + names.get(1) + " after " + names.get(0) + ", map the columns prompt="
                        + names.get(0) + ",completion=" + names.get(1) + ")")
                .orElse("");
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
