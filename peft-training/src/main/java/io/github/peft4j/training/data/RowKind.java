package io.github.peft4j.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.training.data.RowException.Problem;
import java.util.ArrayList;
import java.util.List;

/** What a row is, and the keys that say so. */
enum RowKind {
    INPUT_IDS("input_ids"),
    MESSAGES("messages"),
    PROMPT("prompt", "completion"),
    INSTRUCTION("instruction", "output"),
    TEXT("text");

    private final List<String> keys;

    RowKind(String... keys) {
        this.keys = List.of(keys);
    }

    /** Its name in reports. */
    String title() {
        return keys.get(0);
    }

    static RowKind of(ObjectNode row) throws RowException {
        for (RowKind kind : values()) {
            if (kind.keys.stream().allMatch(row::has)) {
                return kind;
            }
        }
        List<String> found = new ArrayList<>();
        row.fieldNames().forEachRemaining(found::add);
        throw new RowException(
                Problem.NOT_AN_EXAMPLE,
                "expected input_ids and labels, messages, prompt and completion, instruction and output, or text; got the keys "
                        + found.subList(0, Math.min(10, found.size())));
    }
}
