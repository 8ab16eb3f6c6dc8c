package io.github.peft4j.models.text.template;

import io.github.peft4j.jinja.JinjaTemplate;
import io.github.peft4j.jinja.internal.rendering.Rendering;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.rendering.Work;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.folder.EncodedText;
import io.github.peft4j.models.text.internal.folder.MarkedChat;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The chat template of a checkpoint: turns messages into the text that the model was trained on, as {@code apply_chat_template} of
 * transformers 5 does (without tools and documents).
 *
 * <p>The template comes with the checkpoint and is hostile input; see {@link io.github.peft4j.jinja} for what keeps it in.
 *
 * <p>May be used from several threads at once.
 */
public final class ChatTemplate {

    private final JinjaTemplate template;
    private final String source;
    private final Tokenizer tokenizer;
    private final Clock clock;

    private ChatTemplate(JinjaTemplate template, String source, Tokenizer tokenizer, Clock clock) {
        this.template = template;
        this.source = source;
        this.tokenizer = tokenizer;
        this.clock = clock;
    }

    /**
     * Whether a checkpoint folder has a chat template.
     *
     * @throws CheckpointException if a file that may hold it is damaged
     */
    public static boolean isIn(Path folder) throws CheckpointException {
        return ChatTemplateFile.find(folder) != null;
    }

    /**
     * Opens the chat template of a checkpoint folder.
     *
     * @param tokenizer the same folder's; must stay open for as long as the template is used
     * @throws CheckpointException if there is none, or it cannot be read
     */
    public static ChatTemplate open(Path folder, Tokenizer tokenizer) throws CheckpointException {
        ChatTemplateFile found = ChatTemplateFile.find(folder);
        if (found == null) {
            throw new CheckpointException(
                    "no chat template in " + folder + ": expected chat_template.jinja, or chat_template in"
                            + " tokenizer_config.json. Base models have none: use rows of text, or of prompt and completion");
        }
        try {
            return new ChatTemplate(
                    JinjaTemplate.parse(found.source(), TemplateJson::write),
                    found.file().toString(),
                    tokenizer,
                    Clock.systemDefaultZone());
        } catch (TemplateException e) {
            throw new CheckpointException("the chat template in " + found.file() + " cannot be read: " + said(e), e);
        }
    }

    /** What is wrong, some of it perhaps in the template's own words. */
    private static String said(TemplateException e) {
        return Printable.passage(String.valueOf(e.getMessage()));
    }

    /** The tokenizer of the same folder. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The same template at another time, for those that print the date. */
    ChatTemplate at(Clock other) {
        return new ChatTemplate(template, source, tokenizer, other);
    }

    /**
     * A chat as text.
     *
     * @param withPrompt whether to end with what makes the model answer ({@code add_generation_prompt})
     * @throws IllegalArgumentException if there are no messages, or the template refuses them, cannot be rendered, or takes too long
     */
    public String render(List<Message> messages, boolean withPrompt) {
        return rendering(messages, withPrompt, Work.once()).text();
    }

    /**
     * A chat as token ids. Special tokens come from the template alone.
     *
     * @param withPrompt whether to end with what makes the model answer ({@code add_generation_prompt})
     * @throws IllegalArgumentException as {@link #render}
     */
    public int[] encode(List<Message> messages, boolean withPrompt) {
        return tokenizer.encodeAlone(render(messages, withPrompt));
    }

    /**
     * A whole chat as token ids, with the assistant's marked; the only row that is wanted.
     *
     * @throws IllegalArgumentException as {@link #encodeMarked(List, Work)}
     */
    public MarkedChat encodeMarked(List<Message> messages) {
        return encodeMarked(messages, Work.once());
    }

    /**
     * A whole chat as token ids, with the assistant's marked.
     *
     * <p>If the template says what is the assistant's ({@code {% generation %}}), that is it. Otherwise it is what comes between the chat
     * up to the assistant's message, with the prompt for it, and the chat up to and with the message. That works where each of these
     * is the beginning of the whole chat; where it is not, there is no answer and the chat is refused. White space after the special
     * token that ends a turn is not the assistant's, since the model stops before it.
     *
     * @param work what the template may do for this chat, all renderings together
     * @throws IllegalArgumentException as {@link #render}, or if it cannot be told which tokens are the assistant's
     */
    public MarkedChat encodeMarked(List<Message> messages, Work work) {
        Rendering whole = rendering(messages, false, work);
        boolean said = !whole.generated().isEmpty() && whole.everySpanKnown();
        List<Rendering.Span> spans =
                said ? whole.generated() : new AssistantSpans(this, messages, whole.text(), work).find();
        EncodedText encoded = tokenizer.encodeWithPlaces(whole.text(), false);
        return new MarkedChat(encoded.ids(), encoded.within(whole.text(), spans));
    }

    /** A chat as text with what the template marks in it. */
    Rendering rendering(List<Message> messages, boolean withPrompt, Work work) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a chat needs at least one message");
        }
        Map<String, Object> variables = new HashMap<>(tokenizer.specialTokens());
        variables.put("messages", messages.stream().map(ChatTemplate::fields).toList());
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("add_generation_prompt", withPrompt);
        try {
            return template.rendering(variables, clock, work);
        } catch (TemplateException e) {
            throw new IllegalArgumentException(
                    Printable.message("the chat template in " + source + " fails: " + said(e)), e);
        }
    }

    /** A message in the order in which templates may print it. */
    private static Map<String, Object> fields(Message message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", message.role());
        fields.put("content", message.content());
        return fields;
    }
}
