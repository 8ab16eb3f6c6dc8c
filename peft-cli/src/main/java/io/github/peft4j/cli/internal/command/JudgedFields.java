package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.training.evaluation.Metrics;
import java.util.List;
import java.util.Map;

/** Metrics as fields of a result. */
final class JudgedFields {

    private JudgedFields() {}

    /**
     * Adds each metric, null where it is not defined, and then why, if there are such.
     *
     * @param prefix before each name
     */
    static Fields of(Fields fields, String prefix, Metrics.Found found) {
        Map<String, String> undefined = found.undefined();
        found.numbers().forEach((key, number) -> fields.and(prefix + key, undefined.containsKey(key) ? null : number));
        if (!undefined.isEmpty()) {
            List<String> reasons = undefined.entrySet().stream()
                    .map(reason -> reason.getKey() + ": " + reason.getValue())
                    .toList();
            fields.and("undefined", reasons);
        }
        return fields;
    }
}
