package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubAnswer;
import io.github.peft4j.models.hub.internal.http.HubClient;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The hub's interface for programs that write: JSON goes there and comes back. */
final class HubApi {

    /** Far above any answer; those that name an address for each part of a file are the largest. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(32 << 20);

    /** What the hub calls itself, wherever it is reached by way of another address. */
    private static final String HUGGING_FACE = "https://huggingface.co";

    private static final int BAD_REQUEST = 400;

    private final HubClient client;

    HubApi(HubClient client) {
        this.client = client;
    }

    /**
     * What was answered.
     *
     * @param status 200 and so on
     * @param object the JSON object that came, empty if none did
     * @param problem what the hub says is wrong, or empty
     * @param tag what it calls what it has received, or null
     */
    record Reply(
            int status,
            Map<?, ?> object,
            String problem,
            @Nullable String tag) {

        /** Whether it was done. */
        boolean done() {
            return status >= 200 && status < 300;
        }

        /**
         * This one, if it was done.
         *
         * @param what was to be done, for messages
         * @throws HubException.Refusal if it was not
         */
        Reply orRefused(String what) throws HubException {
            if (!done()) {
                throw Refusals.of(this, what);
            }
            return this;
        }

        /** Texts that stand in a list of objects under {@code message}. */
        List<String> messages(String key) {
            List<String> messages = new ArrayList<>();
            if (object.get(key) instanceof List<?> list) {
                list.forEach(item -> messages.add(Printable.excerpt(
                        String.valueOf(item instanceof Map<?, ?> map ? map.get("message") : item))));
            }
            return messages;
        }
    }

    /** Asks for something. */
    Reply get(String target) throws IOException {
        return send(HubRequest.get(target));
    }

    /** Sends JSON that may arrive twice. */
    Reply post(String target, Map<String, ?> value) throws IOException {
        return send(request(target, value).asRepeatable());
    }

    /** A request with JSON, which has an effect each time that it arrives. */
    static HubRequest request(String target, Map<String, ?> value) {
        return HubRequest.post(
                target, "application/json", JsonWriter.PYTHON.write(value).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An address that the hub has named, below the address that it is reached at.
     *
     * @throws HubException if what is sent there could be read on the way, and nothing else can be
     */
    String named(String address) throws HubException {
        String endpoint = client.endpoint();
        String found =
                address.startsWith(HUGGING_FACE + "/") ? endpoint + address.substring(HUGGING_FACE.length()) : address;
        if (secure(endpoint) && !secure(found)) {
            throw new HubException(
                    "the hub names an address for an upload that is not encrypted: nothing was sent to it");
        }
        return found;
    }

    private static boolean secure(String address) {
        return address.toLowerCase(Locale.ROOT).startsWith("https://");
    }

    /**
     * Sends any request.
     *
     * @throws IOException if there was no answer, or it was not whole
     */
    Reply send(HubRequest request) throws IOException {
        try (HubAnswer answer = client.send(request)) {
            if (!answer.successful()) {
                // Of a bad request the hub lists what is wrong; of all else it says it in a header or a text.
                boolean listed = answer.status() == BAD_REQUEST && answer.header("X-Error-Message") == null;
                Map<?, ?> object = listed ? object(answer) : Map.of();
                String said = object.get("error") instanceof String text ? Printable.excerpt(text) : "";
                return new Reply(answer.status(), object, listed ? said : answer.problem(), null);
            }
            return new Reply(answer.status(), object(answer), "", answer.header("ETag"));
        }
    }

    /** The object that was answered; empty if it is none, as when a store of files has answered. */
    private static Map<?, ?> object(HubAnswer answer) throws IOException {
        byte[] body = answer.bytes(LIMITS.bytes());
        try {
            return JsonTree.parse(body, LIMITS) instanceof Map<?, ?> map ? map : Map.of();
        } catch (JsonException e) {
            return Map.of();
        }
    }

    /**
     * The objects of a list within an answer.
     *
     * @throws HubException if there is no such list, or it holds something else
     */
    static List<Map<?, ?>> list(Map<?, ?> object, String key) throws HubException {
        List<Map<?, ?>> found = new ArrayList<>();
        if (object.get(key) instanceof List<?> list) {
            for (Object item : list) {
                found.add(item instanceof Map<?, ?> each ? each : Map.of());
            }
            return found;
        }
        throw lacking(key);
    }

    /** An object within an answer; empty if there is none. */
    static Map<?, ?> within(Map<?, ?> object, String key) {
        return object.get(key) instanceof Map<?, ?> found ? found : Map.of();
    }

    /**
     * A text within an answer.
     *
     * @throws HubException if there is none
     */
    static String text(Map<?, ?> object, String key) throws HubException {
        if (object.get(key) instanceof String text) {
            return text;
        }
        throw lacking(key);
    }

    private static HubException lacking(String key) {
        return new HubException("the hub's answer lacks \"" + key + "\": is its address that of a hub?");
    }
}
