package io.github.peft4j.models.chat;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.generate.internal.TextPieces;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A conversation with a model: each message is answered, and both become part of what the model sees next, by the checkpoint's chat template.
 *
 * <pre>{@code
 * ChatSession chat = ChatSession.of(model);
 * System.out.println(chat.say("Why is the sky blue?").text());
 * }</pre>
 *
 * <p>A message that could not be answered is not part of the conversation, which goes on as if it had not been said. Owns nothing that must be closed.
 * Not safe for concurrent use.
 */
public final class ChatSession {

    private final Continuing continuing;
    private final ChatTemplate template;
    private final List<Message> messages = new ArrayList<>();
    private final int beginning;

    /** Continues one prompt. */
    @FunctionalInterface
    public interface Continuing {

        /**
         * Continues a prompt.
         *
         * @param prompt token ids of the conversation, up to where the answer begins
         * @param listener told of each new token at once
         * @throws InterruptedException if the thread is interrupted
         */
        Generator.Generated continued(int[] prompt, Generator.Listener listener) throws InterruptedException;
    }

    private ChatSession(Continuing continuing, ChatTemplate template, List<Message> first) {
        this.continuing = continuing;
        this.template = template;
        this.messages.addAll(first);
        this.beginning = first.size();
    }

    /**
     * A conversation with a model, by the settings of the checkpoint that it was loaded from.
     *
     * @throws CheckpointException if the checkpoint has no tokenizer or chat template, or they or its settings are damaged
     * @throws IllegalStateException if the model was not loaded from a folder
     */
    public static ChatSession of(Model<LanguageHead> model) throws CheckpointException {
        return of(model, GenerationConfig.builder(model).build());
    }

    /** {@link #of(Model)} with settings of one's own. */
    public static ChatSession of(Model<LanguageHead> model, GenerationConfig settings) throws CheckpointException {
        return of(new Generator(model, settings), model.chatTemplate());
    }

    /**
     * A conversation whose answers a generator makes.
     *
     * @param template of the generator's model; its tokenizer must stay open
     */
    public static ChatSession of(Generator generator, ChatTemplate template) {
        return of(
                (prompt, listener) ->
                        generator.generate(List.of(prompt), listener).get(0),
                template);
    }

    /**
     * A conversation whose answers come from wherever.
     *
     * @param template of the model that answers; its tokenizer must stay open
     */
    public static ChatSession of(Continuing continuing, ChatTemplate template) {
        return new ChatSession(continuing, template, List.of());
    }

    /** A conversation like this one, from the beginning and under instructions that are never forgotten. */
    public ChatSession withSystem(String instructions) {
        return new ChatSession(continuing, template, List.of(Message.system(instructions)));
    }

    /** As {@link #say(String, Consumer)}, all at once. */
    public Answer say(String message) throws InterruptedException {
        return say(message, piece -> {});
    }

    /**
     * Says something.
     *
     * @param pieces takes the answer's text while it is made
     * @return the whole answer
     * @throws IllegalArgumentException if the template refuses the conversation, or the model cannot read it
     * @throws InterruptedException if the thread is interrupted
     */
    public Answer say(String message, Consumer<String> pieces) throws InterruptedException {
        List<Message> said = new ArrayList<>(messages);
        said.add(Message.user(message));
        TextPieces told = new TextPieces(template.tokenizer(), pieces);
        Generator.Generated made = continuing.continued(template.encode(said, true), told);
        told.finish();
        Answer answer = new Answer(template.tokenizer().decode(made.ids(), true), made);
        messages.add(Message.user(message));
        messages.add(Message.assistant(answer.text()));
        return answer;
    }

    /** Begins anew; instructions stay. */
    public void forget() {
        messages.subList(beginning, messages.size()).clear();
    }

    /** What was said so far, instructions first. */
    public List<Message> messages() {
        return List.copyOf(messages);
    }

    /**
     * What a model answered in a conversation.
     *
     * @param text without special tokens
     * @param generated the tokens, and why there are no more
     */
    public record Answer(String text, Generator.Generated generated) {}
}
