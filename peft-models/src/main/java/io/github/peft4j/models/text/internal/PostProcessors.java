package io.github.peft4j.models.text.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The section {@code post_processor}: which special tokens are put around a text.
 *
 * <table>
 * <caption>What ends the process, tokenizers 0.21.4</caption>
 * <tr><th>component</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>TemplateProcessing with a token that is not among its special tokens</td><td>processors/template.rs:563</td><td>they are compared</td></tr>
 * <tr><td>a template for one text that asks for a second</td><td>processors/template.rs:556</td><td>a single template has A alone</td></tr>
 * <tr><td>a special token with more ids than tokens</td><td>encoding.rs, getTokenCharSpans</td><td>they are counted</td></tr>
 * <tr><td>templates that repeat the text, in a chain, or add ever more to it</td><td></td><td>each text once, {@value #MOST_ADDED} tokens</td></tr>
 * </table>
 */
final class PostProcessors {

    static final List<String> TYPES =
            List.of("TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", "Sequence");

    private static final int LONGEST_TOKEN = 4096;
    private static final int DEEPEST = 4;
    private static final int MOST = 64;
    private static final int MOST_ADDED = 256;
    private static final long LARGEST_ID = Integer.MAX_VALUE - 1L;

    private int count;
    private int added;
    private int atEnd;

    /** How many tokens a template adds, and how many of them behind the last of its texts. */
    private record Added(int all, int behind) {}

    /** How many tokens are put behind a text. */
    int atEnd() {
        return atEnd;
    }

    /** Checks a post-processor and puts what is known of it into {@link Component#checked}. */
    void check(Component component) {
        check(component, 0);
    }

    private void check(Component component, int depth) {
        if (++count > MOST) {
            component.fault("expected at most " + MOST + " post-processors");
            return;
        }
        switch (component.type()) {
            case "TemplateProcessing":
                template(component);
                break;
            case "RobertaProcessing":
                component.flag("trim_offsets");
                component.flag("add_prefix_space");
                around(component);
                break;
            case "BertProcessing":
                around(component);
                break;
            case "ByteLevel":
                PreTokenizers.byteLevel(component);
                break;
            case "Sequence":
                sequence(component, depth);
                break;
            default:
                component.unknown(TYPES);
        }
    }

    private void around(Component component) {
        for (String key : List.of("sep", "cls")) {
            JsonNode pair = component.raw(key);
            boolean known = pair.isArray()
                    && pair.size() == 2
                    && pair.get(0).isTextual()
                    && Component.isUnicode(pair.get(0).textValue())
                    && pair.get(0).textValue().length() <= LONGEST_TOKEN
                    && isId(pair.get(1));
            if (known) {
                component.checked().set(key, pair);
            } else {
                component.fault(key + " must be a token and its id");
            }
        }
        atEnd++;
    }

    private static boolean isId(JsonNode value) {
        return value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() >= 0
                && value.longValue() <= LARGEST_ID;
    }

    private void sequence(Component component, int depth) {
        if (depth > DEEPEST) {
            component.fault("expected at most " + DEEPEST + " sequences in each other");
            return;
        }
        ArrayNode checked = component.checked().putArray("processors");
        for (Component part : component.parts("processors", MOST)) {
            check(part, depth + 1);
            checked.add(part.checked());
        }
    }

    private void template(Component component) {
        Component declared = component.under("special_tokens");
        component.checked().set("special_tokens", declared.checked());
        Map<String, Integer> sizes = new java.util.HashMap<>();
        if (component.raw("special_tokens").size() > MOST) {
            declared.fault("expected at most " + MOST);
            return;
        }
        component.raw("special_tokens").properties().forEach(entry -> {
            Component token = declared.under(entry.getKey());
            sizes.put(entry.getKey(), token(token));
            declared.checked().set(entry.getKey(), token.checked());
        });
        Added single = pieces(component, "single", Set.of("A"), sizes);
        atEnd += single.behind();
        added += single.all();
        if (added > MOST_ADDED) {
            component.fault("more than " + MOST_ADDED + " tokens are put around a text");
        }
        pieces(component, "pair", Set.of("A", "B"), sizes);
    }

    private static int token(Component token) {
        token.text("id", LONGEST_TOKEN);
        ArrayNode ids = token.checked().putArray("ids");
        for (JsonNode id : token.list("ids", MOST)) {
            if (isId(id)) {
                ids.add(id.longValue());
            } else {
                token.fault("ids must be whole numbers from 0 to " + LARGEST_ID);
            }
        }
        ArrayNode tokens = token.checked().putArray("tokens");
        for (JsonNode text : token.list("tokens", MOST)) {
            if (text.isTextual()
                    && Component.isUnicode(text.textValue())
                    && text.textValue().length() <= LONGEST_TOKEN) {
                tokens.add(text.textValue());
            } else {
                token.fault("tokens must be texts of at most " + LONGEST_TOKEN + " characters");
            }
        }
        if (ids.size() != tokens.size()) {
            token.fault("has " + ids.size() + " ids for " + tokens.size() + " tokens");
        }
        return ids.size();
    }

    /** Checks a template; how many tokens it adds. */
    private static Added pieces(Component component, String key, Set<String> texts, Map<String, Integer> sizes) {
        ArrayNode checked = component.checked().putArray(key);
        Set<String> seen = new HashSet<>();
        int behind = 0;
        int all = 0;
        for (Component piece : component.parts(key, MOST)) {
            boolean text = piece.has("Sequence");
            if (text == piece.has("SpecialToken")) {
                piece.fault("expected either Sequence or SpecialToken");
                continue;
            }
            Component inner = piece.under(text ? "Sequence" : "SpecialToken");
            String id = inner.text("id", LONGEST_TOKEN);
            inner.number("type_id", 0, Integer.MAX_VALUE);
            checked.add(wrapped(text ? "Sequence" : "SpecialToken", inner.checked()));
            if (text && (!texts.contains(id) || !seen.add(id))) {
                inner.fault("expected " + texts.stream().sorted().toList() + " once each, found " + Faults.quoted(id));
            } else if (!text && !sizes.containsKey(id)) {
                inner.fault("names the special token " + Faults.quoted(id) + ", which special_tokens lacks");
            }
            all += text ? 0 : sizes.getOrDefault(id, 0);
            behind = text ? 0 : behind + sizes.getOrDefault(id, 0);
        }
        return new Added(all, seen.isEmpty() ? 0 : behind);
    }

    private static ObjectNode wrapped(String key, ObjectNode value) {
        ObjectNode node = value.objectNode();
        node.set(key, value);
        return node;
    }
}
