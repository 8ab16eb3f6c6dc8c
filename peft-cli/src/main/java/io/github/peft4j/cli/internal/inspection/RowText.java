package io.github.peft4j.cli.internal.inspection;

import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.TextStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows as text: what their tokens stand for, special ones among it, with what is learned marked. Nothing of a row can steer a terminal.
 *
 * @param tokenizer or null, where tokens are shown by their ids
 * @param names of a classifier's outputs, or null
 * @param marks what stands before and after what is learned
 */
record RowText(@Nullable Tokenizer tokenizer, SequenceHead.@Nullable Labels names, Marks marks) {

    /** What stands before and after what is learned. */
    record Marks(String before, String after) {

        /** For text. */
        static final Marks BRACKETS = new Marks("\u27e6", "\u27e7");

        /** For terminals. */
        static final Marks COLOURS = new Marks("\u001b[1;32m", "\u001b[0m");
    }

    /** The texts of a row by what they are, as people read them. */
    String lines(Row row) {
        StringJoiner lines = new StringJoiner("\n");
        texts(row)
                .forEach((name, ids) -> lines.add((name.equals("text") ? "" : name + ": ")
                        + (row.target() instanceof Row.Target.PerToken each
                                ? marked(ids, each)
                                : Printable.text(text(ids)))));
        Object label = label(row.target());
        if (label != null) {
            lines.add("label: " + Printable.text(Fields.shown(label)));
        }
        return lines.toString();
    }

    /** The same for programs. */
    void addTo(Fields fields, Row row) {
        Map<String, int[]> texts = texts(row);
        if (texts.size() > 1) {
            List<Map<String, Object>> all = new ArrayList<>();
            texts.forEach((name, ids) -> all.add(Fields.of("name", name)
                    .and("input_ids", list(ids))
                    .and("text", text(ids))
                    .values()));
            fields.and("texts", all);
        } else {
            fields.and("input_ids", list(row.tokenIds()));
            if (row.tokenTypes().length > 0) {
                fields.and("token_type_ids", list(row.tokenTypes()));
            }
            if (row.target() instanceof Row.Target.PerToken each) {
                fields.and("labels", list(each.labels()));
            }
            fields.and("text", tokenizer == null ? null : text(row.tokenIds()));
        }
        Object label = label(row.target());
        if (label != null) {
            fields.and(row.target() instanceof Row.Target.Similarity ? "score" : "label", label);
        }
    }

    private static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static Map<String, int[]> texts(Row row) {
        Map<String, int[]> texts = new LinkedHashMap<>();
        if (row.target() instanceof Row.Target.Contrast contrast) {
            texts.put("anchor", row.tokenIds());
            texts.put("positive", contrast.positive());
            for (int i = 0; i < contrast.negatives().size(); i++) {
                texts.put("negative_" + (i + 1), contrast.negatives().get(i));
            }
        } else {
            texts.put("text", row.tokenIds());
            if (row.target() instanceof Row.Target.Similarity similarity) {
                texts.put("text_pair", similarity.other());
            }
        }
        return texts;
    }

    /** What the whole row has as its label, or null. */
    private @Nullable Object label(Row.Target target) {
        if (target instanceof Row.Target.Label label) {
            return name(label.id());
        }
        if (target instanceof Row.Target.Similarity similarity) {
            return (double) similarity.score();
        }
        if (target instanceof Row.Target.Scores scores) {
            return IntStream.range(0, scores.values().length)
                    .mapToObj(i -> (double) scores.values()[i])
                    .toList();
        }
        return null;
    }

    private String name(int id) {
        return names == null ? text(new int[] {id}) : names.names().get(id);
    }

    /** The text of tokens, special ones among it. */
    String text(int[] ids) {
        return tokenizer == null ? ids(ids) : tokenizer.decode(ids, false);
    }

    private static String ids(int[] ids) {
        return String.join(" ", Arrays.stream(ids).mapToObj(Integer::toString).toList());
    }

    /** Text in which what is learned stands between marks; where it is not the next token, with its label behind it. */
    private String marked(int[] ids, Row.Target.PerToken target) {
        TextStream stream = tokenizer == null ? null : new TextStream(all -> tokenizer.decode(all, false));
        StringBuilder text = new StringBuilder();
        boolean within = false;
        for (int i = 0; i < ids.length; i++) {
            boolean learned = learned(target, i);
            if (learned != within) {
                text.append(learned ? marks.before : marks.after);
                within = learned;
            }
            text.append(stream == null ? (i == 0 ? "" : " ") + ids[i] : Printable.text(stream.add(ids[i])));
            if (learned && target instanceof Row.Target.TokenLabels) {
                text.append(marks.after).append('/').append(Printable.text(name(target.labels()[i])));
                within = false;
            }
        }
        text.append(stream == null ? "" : Printable.text(stream.finish()));
        return text.append(within ? marks.after : "").toString();
    }

    /** Whether the label of a token is learned; the first of a row is not predicted from anything. */
    static boolean learned(Row.Target.PerToken target, int place) {
        return target.labels()[place] != Row.Target.IGNORED && (place > 0 || target instanceof Row.Target.TokenLabels);
    }
}
