package io.github.peft4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.LabelledRows;
import io.github.peft4j.models.text.ChatTemplate;
import io.github.peft4j.models.text.ContinuedText;
import io.github.peft4j.models.text.MarkedChat;
import io.github.peft4j.models.text.Message;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.RowException.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Turns a row into token ids and labels. What kind of row it is follows from its keys; of a row that would do as several, as
 * Alpaca's with {@code instruction} and {@code text}, the first in the order of {@link RowKind} counts.
 *
 * <ul>
 *   <li>{@code input_ids, labels}: as they are.
 *   <li>{@code messages}: the checkpoint's chat template; what the assistant says is learned. Nothing is put around or after it.
 *   <li>{@code prompt, completion}: the completion is learned.
 *   <li>{@code instruction, input, output}: the template makes a prompt of instruction and input; the output is learned.
 *   <li>{@code text}: all of it is learned.
 * </ul>
 *
 * <p>The ids are those that Python's tokenizer gives, with the special tokens that it puts around a text. The prompt's are those it has
 * alone, as when the model is asked. The token that ends a text follows completion, output and text unless it is there already, and
 * is learned: TRL and Alpaca's own trainer do the same.
 */
final class RowEncoder {

    private final EncodingOptions options;

    RowEncoder(EncodingOptions options) {
        this.options = options;
    }

    /**
     * Encodes a row.
     *
     * @throws RowException if it is no example
     */
    Example encode(RowKind kind, ObjectNode row) throws RowException {
        try {
            Example example = example(kind, row);
            if (!example.hasLabel()) {
                throw new RowException(Problem.NO_LABEL, nothingToLearn(kind));
            }
            if (example.largestId() >= options.vocabularySize()) {
                throw new RowException(
                        Problem.OUTSIDE_VOCABULARY,
                        "expected ids below " + options.vocabularySize() + ", got " + example.largestId());
            }
            return example;
        } catch (IllegalArgumentException e) {
            throw new RowException(
                    kind == RowKind.INPUT_IDS ? Problem.NOT_AN_EXAMPLE : Problem.NOT_ENCODED,
                    String.valueOf(e.getMessage()));
        }
    }

    private static String nothingToLearn(RowKind kind) {
        return switch (kind) {
            case INPUT_IDS -> "every label is " + LabelledRows.IGNORED;
            case MESSAGES -> "no message is the assistant's";
            default -> "there is nothing after the prompt, and the tokenizer has no token that ends a text";
        };
    }

    private Example example(RowKind kind, ObjectNode row) throws RowException {
        return switch (kind) {
            case INPUT_IDS -> ids(row);
            case MESSAGES -> chat(messages(row));
            case PROMPT -> continued(RowFields.text(row, "prompt"), RowFields.text(row, "completion"));
            case INSTRUCTION ->
                continued(
                        options.template()
                                .prompt(RowFields.text(row, "instruction"), RowFields.textOrEmpty(row, "input")),
                        RowFields.text(row, "output"));
            case TEXT -> text(RowFields.text(row, "text"));
        };
    }

    private static Example ids(ObjectNode row) throws RowException {
        int[] ids = RowFields.integers(row, "input_ids");
        if (row.has("attention_mask") && !Arrays.equals(RowFields.integers(row, "attention_mask"), ones(ids.length))) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    "attention_mask must be 1 for every token; leave padding out of input_ids and labels");
        }
        return new Example(ids, RowFields.integers(row, "labels"));
    }

    private static int[] ones(int length) {
        int[] ones = new int[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private Tokenizer tokenizer() throws RowException {
        return needed(
                options.tokenizer(),
                "the checkpoint has no tokenizer.json, which transformers writes with save_pretrained; without it only input_ids and labels can be read");
    }

    private static <T> T needed(@Nullable T value, String otherwise) throws RowException {
        if (value == null) {
            throw new RowException(Problem.NOT_ENCODED, otherwise);
        }
        return value;
    }

    private Example text(String text) throws RowException {
        if (text.isEmpty()) {
            throw new RowException(Problem.NO_LABEL, "text is empty");
        }
        return ended(tokenizer().encode(text), 0);
    }

    private Example continued(String prompt, String completion) throws RowException {
        ContinuedText both = tokenizer().encode(prompt, completion);
        return ended(both.tokenIds(), both.startTokens());
    }

    /** Puts the token that ends a text after it, unless it is there, and labels everything from a position on. */
    private Example ended(int[] ids, int learnedFrom) throws RowException {
        OptionalInt end = tokenizer().endId();
        boolean missing = end.isPresent() && (ids.length <= learnedFrom || ids[ids.length - 1] != end.getAsInt());
        int[] all = missing ? Arrays.copyOf(ids, ids.length + 1) : ids;
        if (missing) {
            all[ids.length] = end.getAsInt();
        }
        int[] labels = all.clone();
        Arrays.fill(labels, 0, Math.min(learnedFrom, labels.length), LabelledRows.IGNORED);
        return new Example(all, labels);
    }

    private static List<Message> messages(ObjectNode row) throws RowException {
        JsonNode list = row.path("messages");
        if (!list.isArray() || list.isEmpty()) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    "messages must be a list of objects with role and content, got "
                            + (list.isArray() ? "an empty list" : RowFields.described(list)));
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode item : list) {
            String where = "messages[" + messages.size() + "]";
            if (!(item instanceof ObjectNode message)) {
                throw new RowException(
                        Problem.NOT_AN_EXAMPLE,
                        where + " must be an object with role and content, got " + RowFields.described(item));
            }
            for (var field : message.properties()) {
                if (!field.getKey().equals("role")
                        && !field.getKey().equals("content")
                        && !field.getValue().isNull()) {
                    throw new RowException(
                            Problem.NOT_AN_EXAMPLE,
                            where + " has '" + field.getKey() + "'; only role and content are supported");
                }
            }
            try {
                messages.add(new Message(RowFields.text(message, "role"), RowFields.text(message, "content")));
            } catch (RowException e) {
                throw new RowException(e.problem(), where + "." + e.getMessage());
            }
        }
        return messages;
    }

    private Example chat(List<Message> messages) throws RowException {
        tokenizer();
        ChatTemplate template = needed(
                options.chatTemplate(), "the checkpoint has no chat template; use rows of prompt and completion");
        MarkedChat chat = template.encodeMarked(messages);
        int[] labels = chat.tokenIds().clone();
        for (int i = 0; i < labels.length; i++) {
            labels[i] = chat.assistant()[i] ? labels[i] : LabelledRows.IGNORED;
        }
        return new Example(chat.tokenIds(), labels);
    }
}
