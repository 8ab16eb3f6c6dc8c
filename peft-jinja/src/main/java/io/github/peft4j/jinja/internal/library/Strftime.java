package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Python's {@code strftime} in the C locale. */
final class Strftime {

    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('Y', "uuuu"),
            Map.entry('y', "uu"),
            Map.entry('m', "MM"),
            Map.entry('d', "dd"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('f', "SSSSSS"),
            Map.entry('j', "DDD"),
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('p', "a"),
            Map.entry('F', "uuuu-MM-dd"),
            Map.entry('T', "HH:mm:ss"),
            Map.entry('D', "MM/dd/uu"),
            Map.entry('R', "HH:mm"));

    private Strftime() {}

    static String format(String format, ZonedDateTime time) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            boolean unpadded = i + 1 < format.length() && format.charAt(i + 1) == '-';
            i += unpadded ? 2 : 1;
            char directive = i < format.length() ? format.charAt(i) : ' ';
            String pattern = PATTERNS.get(directive);
            if (directive == '%' && !unpadded) {
                out.append('%');
            } else if (pattern == null) {
                throw new TemplateException("strftime_now: no directive %" + (unpadded ? "-" : "") + directive);
            } else {
                String text =
                        DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
                out.append(unpadded ? text.replaceFirst("^0+(?=.)", "") : text);
            }
        }
        return out.toString();
    }
}
