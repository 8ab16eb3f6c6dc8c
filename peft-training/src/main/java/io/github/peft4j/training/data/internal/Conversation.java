package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.text.template.Message;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Messages as published rows have them: OpenAI's, with contents of text or of parts that are text; ShareGPT's; and prompts and completions of messages. */
final class Conversation {

    private static final String PROMPT = "prompt";

    private static final String ROLE = "role";
    private static final String CONTENT = "content";
    private static final String FROM = "from";
    private static final String VALUE = "value";

    /** Who speaks, by the words that ShareGPT and those who followed it have for it. */
    private static final Map<String, String> SPEAKERS = Map.of(
            "human", "user",
            "user", "user",
            "gpt", Message.ASSISTANT,
            "assistant", Message.ASSISTANT,
            "chatgpt", Message.ASSISTANT,
            "bing", Message.ASSISTANT,
            "system", "system");

    private Conversation() {}

    /**
     * The messages of a value.
     *
     * @throws RowException if it is no list of messages
     */
    static List<Message> of(FileRow row, String key) throws RowException {
        if (!(row.get(key) instanceof List<?> list) || list.isEmpty()) {
            Object found = row.get(key);
            throw bad(key + " must be a list of objects with "
                    + (key.equals(RowKind.CONVERSATIONS.title()) ? "from and value" : "role and content") + ", got "
                    + (found instanceof List ? "an empty list" : JsonKind.described(found)));
        }
        List<Message> messages = new ArrayList<>();
        for (Object item : list) {
            messages.add(message(item, key + "[" + messages.size() + "]"));
        }
        return messages;
    }

    /** Whether a row's prompt is of messages. */
    static boolean begins(FileRow row) {
        return !row.plain() && row.get(PROMPT) instanceof List<?>;
    }

    /**
     * A prompt of messages and a completion of messages.
     *
     * @throws RowException if one is none, or the prompt has something of the assistant's, which would be learned
     */
    static List<Message> continued(FileRow row) throws RowException {
        List<Message> prompt = of(row, PROMPT);
        if (prompt.stream().anyMatch(message -> message.role().equals(Message.ASSISTANT))) {
            throw bad(
                    "prompt has a message of the assistant's, which would be learned, too; if it may be, put all into messages");
        }
        return Stream.concat(prompt.stream(), of(row, "completion").stream()).toList();
    }

    private static Message message(@Nullable Object item, String where) throws RowException {
        if (!(item instanceof Map<?, ?> object)) {
            throw bad(where + " must be an object with role and content, got " + JsonKind.described(item));
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        object.forEach((key, value) -> fields.put(String.valueOf(key), value));
        boolean shared = fields.containsKey(FROM) && !fields.containsKey(ROLE);
        String who = shared ? FROM : ROLE;
        String what = shared ? VALUE : CONTENT;
        for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
            boolean known = field.getKey().equals(who) || field.getKey().equals(what);
            if (!known && field.getValue() != null && !(shared && field.getKey().equals("weight"))) {
                throw bad(where + " has " + JsonWriter.shown(field.getKey()) + "; only " + who + " and " + what
                        + " are supported");
            }
        }
        try {
            FileRow message = new FileRow(fields);
            String role = message.text(who);
            return new Message(shared ? speaker(role) : role, content(message, what));
        } catch (RowException e) {
            throw new RowException(e.problem(), where + "." + e.getMessage());
        }
    }

    private static String speaker(String from) throws RowException {
        String role = SPEAKERS.get(from);
        if (role == null) {
            throw bad("from must be one of "
                    + SPEAKERS.keySet().stream().sorted().toList() + ", got " + JsonWriter.shown(from));
        }
        return role;
    }

    private static String content(FileRow message, String key) throws RowException {
        if (!(message.get(key) instanceof List<?> parts)) {
            return message.text(key);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            if (!(parts.get(i) instanceof Map<?, ?> part)
                    || !"text".equals(part.get("type"))
                    || !(part.get("text") instanceof String piece)) {
                Object type = parts.get(i) instanceof Map<?, ?> part ? part.get("type") : null;
                throw bad(key + "[" + i + "] must be a part of type text with a text, got "
                        + (type == null ? JsonKind.described(parts.get(i)) : "one of type " + JsonWriter.shown(type)));
            }
            text.append(piece);
        }
        return text.toString();
    }

    private static RowException bad(String reason) {
        return new RowException(Problem.NOT_AN_EXAMPLE, reason);
    }
}
