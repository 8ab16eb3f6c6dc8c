package io.github.peft4j.models.text.template;

/**
 * One message of a chat.
 *
 * @param role who speaks: "system", "user", "assistant", or what else the checkpoint's template knows
 * @param content what is said
 */
public record Message(String role, String content) {

    /** The role whose words the model learns. */
    public static final String ASSISTANT = "assistant";

    /** A message of the user's. */
    public static Message user(String content) {
        return new Message("user", content);
    }

    /** A message of the model's. */
    public static Message assistant(String content) {
        return new Message(ASSISTANT, content);
    }

    /** A message that says how to behave. */
    public static Message system(String content) {
        return new Message("system", content);
    }
}
