package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.internal.pattern.PatternTable;
import io.github.peft4j.models.internal.message.Printable;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Values of some layers, by patterns of their paths. */
public final class LayerPatterns {

    private static final Logger LOG = LoggerFactory.getLogger(LayerPatterns.class);

    private LayerPatterns() {}

    /** The values that a setting has; patterns for none of the layers are pointed out. */
    public static <V> PatternTable<V> of(Setting<Map<String, V>> setting, PeftConfig config, List<String> layers) {
        PatternTable<V> patterns = PatternTable.of(config.get(setting));
        List<String> unmatched = patterns.unmatched(layers);
        if (!unmatched.isEmpty()) {
            LOG.warn(
                    "The following {} keys did not match any targeted module and were ignored: {}.",
                    setting.key(),
                    Printable.message(unmatched.toString()));
        }
        return patterns;
    }
}
