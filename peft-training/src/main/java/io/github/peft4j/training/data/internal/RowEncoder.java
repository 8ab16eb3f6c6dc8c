package io.github.peft4j.training.data.internal;

import io.github.peft4j.jinja.internal.rendering.Work;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.folder.ContinuedText;
import io.github.peft4j.models.text.internal.folder.MarkedChat;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.Message;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Turns a row into token ids and labels. What kind of row it is follows from its keys; of a row that would do as several, as
 * Alpaca's with {@code instruction} and {@code text}, the first in the order of {@link RowKind} counts.
 *
 * <ul>
 *   <li>{@code input_ids, labels}: as they are.
 *   <li>{@code messages}: the checkpoint's chat template; what the assistant says is learned. Nothing is put around or after it.
 *   <li>{@code conversations}: the same as ShareGPT has it.
 *   <li>{@code prompt, completion}: the completion is learned; both may be lists of messages.
 *   <li>{@code instruction, input, output}: the template makes a prompt of instruction and input; the output is learned.
 *   <li>{@code text}: all of it is learned.
 * </ul>
 *
 * <p>The ids are those that Python's tokenizer gives, with the special tokens that it puts around a text. The prompt's are those it has
 * alone, as when the model is asked. The token that ends a text follows completion, output and text unless it is there already, and
 * is learned: TRL and Alpaca's own trainer do the same.
 */
final class RowEncoder implements ExampleEncoder {

    private final EncodingOptions options;
    private final RowLimit limit;
    private final Work work = Work.ofRows();

    RowEncoder(EncodingOptions options) {
        this.options = options;
        this.limit = new RowLimit(options);
    }

    @Override
    public RowKind kind(FileRow row) throws RowException {
        return RowKind.of(row);
    }

    @Override
    public Encoded encode(RowKind kind, FileRow row) throws RowException, CheckpointException {
        try {
            Row encoded = encoded(kind, row);
            int[] labels = ((Row.Target.NextTokens) encoded.target()).labels();
            if (Arrays.stream(labels).allMatch(label -> label == Row.Target.IGNORED)) {
                throw new RowException(Problem.NO_LABEL, nothingToLearn(kind));
            }
            options.requireInVocabulary(encoded.tokenIds(), labels);
            return new Encoded(limit.pieces(encoded, new int[0]), encoded.length(), 0, blank(kind, row));
        } catch (IllegalArgumentException e) {
            throw new RowException(
                    kind == RowKind.INPUT_IDS ? Problem.NOT_AN_EXAMPLE : Problem.NOT_ENCODED,
                    String.valueOf(e.getMessage()));
        }
    }

    /** What is learned of a row and has no character but white space, so that little is. */
    private static @Nullable String blank(RowKind kind, FileRow row) throws RowException {
        return switch (kind) {
            case PROMPT ->
                Conversation.begins(row)
                        ? blank(Conversation.continued(row))
                        : Encoded.blank("completion", row.text("completion"));
            case INSTRUCTION -> Encoded.blank("output", row.text("output"));
            case TEXT -> Encoded.blank("text", row.text("text"));
            case MESSAGES, CONVERSATIONS -> blank(Conversation.of(row, kind.title()));
            default -> null;
        };
    }

    private static @Nullable String blank(List<Message> messages) {
        return messages.stream()
                        .filter(message -> message.role().equals(Message.ASSISTANT))
                        .allMatch(message -> message.content().isBlank())
                ? "all that the assistant says is blank"
                : null;
    }

    private static String nothingToLearn(RowKind kind) {
        return switch (kind) {
            case INPUT_IDS -> "every label is " + Row.Target.IGNORED;
            case MESSAGES, CONVERSATIONS -> "no message is the assistant's, or the chat template writes nothing of it";
            default -> "there is nothing after the prompt, and the tokenizer has no token that ends a text";
        };
    }

    private Row encoded(RowKind kind, FileRow row) throws RowException, CheckpointException {
        return switch (kind) {
            case INPUT_IDS -> ids(row);
            case MESSAGES, CONVERSATIONS -> chat(Conversation.of(row, kind.title()));
            case PROMPT ->
                Conversation.begins(row)
                        ? chat(Conversation.continued(row))
                        : continued(row.text("prompt"), row.text("completion"));
            case INSTRUCTION ->
                continued(
                        options.template()
                                .prompt(
                                        row.text("instruction"),
                                        Objects.requireNonNullElse(row.textOrNull("input"), "")),
                        row.text("output"));
            case TEXT -> text(row.text("text"));
            case TOKENS, PAIR, SCORED_PAIR -> throw new IllegalStateException("not for next tokens: " + kind);
        };
    }

    private static Row ids(FileRow row) throws RowException {
        return row.tokens(new Row.Target.NextTokens(row.integers("labels")));
    }

    private Tokenizer tokenizer() throws RowException, CheckpointException {
        return options.requireTokenizer("input_ids and labels");
    }

    private static <T> T needed(@Nullable T value, String otherwise) throws RowException {
        if (value == null) {
            throw new RowException(Problem.NOT_ENCODED, otherwise);
        }
        return value;
    }

    private Row text(String text) throws RowException, CheckpointException {
        if (text.isEmpty()) {
            throw new RowException(Problem.NO_LABEL, "text is empty");
        }
        return ended(tokenizer().encode(text), 0);
    }

    private Row continued(String prompt, String completion) throws RowException, CheckpointException {
        ContinuedText both = tokenizer().encode(prompt, completion);
        return ended(both.tokenIds(), both.startTokens());
    }

    /** Puts the token that ends a text after it, unless it is there, and labels everything from a position on. */
    private Row ended(int[] ids, int learnedFrom) throws RowException, CheckpointException {
        OptionalInt end = tokenizer().endId();
        boolean missing = end.isPresent() && (ids.length <= learnedFrom || ids[ids.length - 1] != end.getAsInt());
        int[] all = missing ? Arrays.copyOf(ids, ids.length + 1) : ids;
        if (missing) {
            all[ids.length] = end.getAsInt();
        }
        int[] labels = all.clone();
        Arrays.fill(labels, 0, Math.min(learnedFrom, labels.length), Row.Target.IGNORED);
        return Row.of(all, labels);
    }

    private Row chat(List<Message> messages) throws RowException, CheckpointException {
        tokenizer();
        ChatTemplate template = needed(
                options.text().chatTemplate(),
                "the checkpoint has no chat template; use rows of prompt and completion");
        MarkedChat chat = template.encodeMarked(messages, work.ofRow());
        int[] labels = chat.tokenIds().clone();
        for (int i = 0; i < labels.length; i++) {
            labels[i] = chat.assistant()[i] ? labels[i] : Row.Target.IGNORED;
        }
        return Row.of(chat.tokenIds(), labels);
    }
}
