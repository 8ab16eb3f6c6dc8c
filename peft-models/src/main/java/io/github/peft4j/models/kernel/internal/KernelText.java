package io.github.peft4j.models.kernel.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The methods of some kernel sources by name. The engine compiles every method of a text, which takes as long as a short answer's tokens:
 * a program gets those alone that it calls.
 */
final class KernelText {

    private static final Pattern METHOD = Pattern.compile("^  def (\\w+)\\(", Pattern.MULTILINE);
    private static final Pattern CALL = Pattern.compile("\\bself\\.(\\w+)\\(");

    private final Map<String, String> methods = new LinkedHashMap<>();

    /**
     * Reads sources.
     *
     * @param names of kernel sources; a method of a later one takes the place of an earlier one's
     */
    KernelText(List<String> names) {
        for (String name : names) {
            add(KernelLibrary.source(name));
        }
    }

    private void add(String source) {
        Matcher matcher = METHOD.matcher(source);
        boolean found = matcher.find();
        while (found) {
            String name = matcher.group(1);
            int start = matcher.start();
            found = matcher.find();
            methods.put(name, source.substring(start, found ? matcher.start() : source.length()));
        }
    }

    /** The methods that a text calls, directly or through others. */
    String calledBy(String text) {
        Set<String> called = new LinkedHashSet<>();
        Deque<String> unread = new ArrayDeque<>(List.of(text));
        while (!unread.isEmpty()) {
            Matcher call = CALL.matcher(unread.remove());
            while (call.find()) {
                String method = methods.get(call.group(1));
                if (method != null && called.add(call.group(1))) {
                    unread.add(method);
                }
            }
        }
        return called.stream().map(methods::get).collect(Collectors.joining());
    }
}
