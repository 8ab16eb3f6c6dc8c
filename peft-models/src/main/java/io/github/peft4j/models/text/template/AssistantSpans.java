package io.github.peft4j.models.text.template;

import io.github.peft4j.jinja.internal.rendering.Rendering;
import io.github.peft4j.jinja.internal.rendering.Work;
import java.util.ArrayList;
import java.util.List;

/**
 * Which parts of a chat's text are the assistant's, of a template that does not say so: each lies between the text of the messages before it, with the
 * prompt for an answer, and the text of the messages up to it.
 */
final class AssistantSpans {

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
                int start = beginning(i, i, true);
                int end = i == messages.size() - 1 ? whole.length() : beginning(i, i + 1, false);
                if (end < start) {
                    throw unknown(i, "the prompt for it is longer than the message");
                }
                spans.add(new Rendering.Span(start, endOfTurn(start, end)));
            }
        }
        return spans;
    }

    /**
     * The length of the first messages' text, which must be the beginning of the whole.
     *
     * @param message which one it is asked for
     * @param count how many messages
     */
    private int beginning(int message, int count, boolean withPrompt) {
        if (count == 0) {
            throw unknown(message, "no message stands before it");
        }
        String text;
        try {
            text = template.rendering(messages.subList(0, count), withPrompt, work)
                    .text();
        } catch (IllegalArgumentException e) {
            throw unknown(message, String.valueOf(e.getMessage()));
        }
        if (!whole.startsWith(text)) {
            throw unknown(message, "the template writes the first " + count + " messages differently when more follow");
        }
        return text.length();
    }

    private static IllegalArgumentException unknown(int index, String reason) {
        return new IllegalArgumentException(
                "cannot tell which tokens of message " + (index + 1) + " are the assistant's: " + reason
                        + ". Mark them in the template with {% generation %}, or use rows of prompt and completion");
    }

    /** Leaves out white space after the last special token. */
    private int endOfTurn(int start, int end) {
        int last = end;
        while (last > start && Character.isWhitespace(whole.charAt(last - 1))) {
            last--;
        }
        String turn = whole.substring(start, last);
        boolean endsWithSpecial = template.tokenizer().addedTokens().values().stream()
                .anyMatch(token -> token.special() && turn.endsWith(token.content()));
        return endsWithSpecial ? last : end;
    }
}
