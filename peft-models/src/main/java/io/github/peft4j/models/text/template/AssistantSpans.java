package io.github.peft4j.models.text.template;

import io.github.peft4j.jinja.internal.rendering.Rendering;
import io.github.peft4j.jinja.internal.rendering.Work;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of a chat's text are the assistant's, of a template that does not say so. A turn begins behind the text of the messages before it with the prompt
 * for an answer, and ends where the text of the messages up to it does.
 *
 * <p>Many templates write a beginning otherwise than they write it within the whole: Phi-3's ends every chat, Qwen3's drops the thoughts of all turns but the
 * last. There a word of our own in the place of the content shows where that stands; what follows it both within the whole and at the end of the beginning, up to
 * a special token, ends the turn.
 */
final class AssistantSpans {

    /** Stands for a content; letters and digits, which templates leave alone. */
    private static final String MARK = "Qj8vXw2Kq0zYb5";

    private final ChatTemplate template;
    private final List<Message> messages;
    private final String whole;
    private final Work work;

    /**
     * Of a chat.
     *
     * @param whole the text of all messages
     * @param work what the template may do
     */
    AssistantSpans(ChatTemplate template, List<Message> messages, String whole, Work work) {
        this.template = template;
        this.messages = messages;
        this.whole = whole;
        this.work = work;
    }

    /**
     * The parts in order.
     *
     * @throws IllegalArgumentException if it cannot be told
     */
    List<Rendering.Span> find() {
        List<Rendering.Span> spans = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i).role().equals(Message.ASSISTANT)) {
                Rendering.Span span = span(i);
                if (!spans.isEmpty()
                        && span.start() < spans.get(spans.size() - 1).end()) {
                    throw unknown(i, "it would begin before the turn before it ends");
                }
                spans.add(span);
            }
        }
        return spans;
    }

    private Rendering.Span span(int message) {
        String prompt = message == 0 ? null : text(message, messages.subList(0, message), true);
        String upTo = message == messages.size() - 1 ? whole : text(message, messages.subList(0, message + 1), false);
        if (prompt != null && whole.startsWith(prompt) && whole.startsWith(upTo)) {
            if (upTo.length() < prompt.length()) {
                throw unknown(message, "the prompt for it is longer than the message");
            }
            return new Rendering.Span(prompt.length(), endOfTurn(prompt.length(), upTo.length()));
        }
        Around inWhole = around(message, messages, whole);
        int start = prompt != null && whole.startsWith(prompt) ? prompt.length() : start(message, prompt, inWhole);
        int end = whole.startsWith(upTo)
                ? endOfTurn(start, upTo.length())
                : whole.length() - inWhole.after.length() + endAfter(message, inWhole);
        if (end < start) {
            throw unknown(message, "the prompt for it is longer than the message");
        }
        return new Rendering.Span(start, end);
    }

    private String text(int message, List<Message> beginning, boolean withPrompt) {
        try {
            return template.rendering(beginning, withPrompt, work).text();
        } catch (IllegalArgumentException e) {
            throw unknown(message, String.valueOf(e.getMessage()));
        }
    }

    /** What a text has before and after the content of a message. */
    private record Around(String before, String after) {}

    /**
     * What stands around the content of a message.
     *
     * @param text what the template writes of the messages, or null if only the words around count
     */
    private Around around(int message, List<Message> of, @Nullable String text) {
        List<Message> marked = new ArrayList<>(of);
        marked.set(message, new Message(of.get(message).role(), MARK));
        String written = text(message, marked, false);
        int at = written.indexOf(MARK);
        if (at < 0 || written.indexOf(MARK, at + 1) >= 0) {
            throw unknown(message, "the template writes its content " + (at < 0 ? "not at all" : "more than once"));
        }
        Around around = new Around(written.substring(0, at), written.substring(at + MARK.length()));
        if (text != null
                && !(text.startsWith(around.before)
                        && text.endsWith(around.after)
                        && text.length() >= around.before.length() + around.after.length())) {
            throw unknown(message, "the template writes other messages differently by what this one says");
        }
        return around;
    }

    /** Where a turn begins whose prompt is no beginning of the whole, or that has none. */
    private int start(int message, @Nullable String prompt, Around inWhole) {
        String before = inWhole.before;
        if (prompt != null && prompt.startsWith(before)) {
            // The prompt goes on, with the beginning of a thought for instance, where this turn has its content.
            return before.length();
        }
        // What a prompt adds to a chat stands there, too, whatever else the template writes of the messages before.
        List<Message> earlier = message == 0 ? messages : messages.subList(0, message);
        String chat = message == 0 ? whole : text(message, earlier, false);
        String asked = prompt == null ? text(message, earlier, true) : prompt;
        if (asked.startsWith(chat) && asked.length() > chat.length()) {
            String added = asked.substring(chat.length());
            int at = before.lastIndexOf(added);
            if (at >= 0 && before.substring(at + added.length()).isBlank()) {
                return at + added.length();
            }
        }
        if (message == 0) {
            return before.length();
        }
        throw unknown(message, "the template writes the first " + message + " messages differently when more follow");
    }

    /** How much of what follows the content ends the turn. */
    private int endAfter(int message, Around inWhole) {
        String last = around(message, messages.subList(0, message + 1), null).after;
        String after = inWhole.after;
        if (after.startsWith(last)) {
            return endOfTurn(after, 0, last.length());
        }
        int common = 0;
        while (common < Math.min(last.length(), after.length()) && last.charAt(common) == after.charAt(common)) {
            common++;
        }
        // What two texts have in common may reach into the next turn, but not beyond a special token that only one of
        // them has.
        for (int end = common; end > 0; end--) {
            if (endsWithSpecial(after.substring(0, end))) {
                return end;
            }
        }
        throw unknown(
                message,
                "the template writes the first " + (message + 1)
                        + " messages differently when more follow, and puts no special token at the end of a turn");
    }

    private static IllegalArgumentException unknown(int index, String reason) {
        return new IllegalArgumentException(
                "cannot tell which tokens of message " + (index + 1) + " are the assistant's: " + reason
                        + ". Mark them in the template with {% generation %}, or use rows of prompt and completion");
    }

    private int endOfTurn(int start, int end) {
        return endOfTurn(whole, start, end);
    }

    /** Leaves out white space after the last special token. */
    private int endOfTurn(String text, int start, int end) {
        int last = end;
        while (last > start && Character.isWhitespace(text.charAt(last - 1))) {
            last--;
        }
        return endsWithSpecial(text.substring(start, last)) ? last : end;
    }

    private boolean endsWithSpecial(String text) {
        return template.tokenizer().addedTokens().values().stream()
                .anyMatch(token -> token.special() && text.endsWith(token.content()));
    }
}
