package io.github.peft4j.methods.lora;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Settings of some layers, by regular expressions of ends of their paths; Hugging Face's {@code get_pattern_key}. */
final class LayerPatterns<T> {

    private final Map<Pattern, T> patterns = new LinkedHashMap<>();

    LayerPatterns(Map<String, T> byExpression) {
        byExpression.forEach((expression, value) -> patterns.put(Pattern.compile("(.*\\.)?(" + expression + ")"), value));
    }

    /** The setting of a layer: that of the first expression that matches. */
    T forLayer(String path, T otherwise) {
        return patterns.entrySet().stream()
                .filter(entry -> entry.getKey().matcher(path).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(otherwise);
    }
}
