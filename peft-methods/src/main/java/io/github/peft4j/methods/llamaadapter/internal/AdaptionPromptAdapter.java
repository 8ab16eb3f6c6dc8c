package io.github.peft4j.methods.llamaadapter.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.llamaadapter.AdaptionPromptConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One adapter of adaption prompts in a model: a wrapper around each adapted block's attention.
 *
 * @param wrappers by the attentions' paths
 */
record AdaptionPromptAdapter(Model<?> model, AdaptionPromptConfig config, Map<String, AdaptedAttention> wrappers)
        implements Adapter {

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        wrappers.forEach((path, wrapper) ->
                wrapper.ownWeights().forEach((name, weight) -> parameters.put(KEY_PREFIX + path + "." + name, weight)));
        return parameters;
    }

    @Override
    public void setEnabled(boolean on) {
        wrappers.values().forEach(wrapper -> wrapper.setEnabled(on));
    }

    @Override
    public boolean isEnabled() {
        return wrappers.values().stream().allMatch(AdaptedAttention::isEnabled);
    }

    @Override
    public void remove() {
        BaseModules modules = BaseModules.of(model);
        wrappers.forEach((path, wrapper) -> {
            modules.unwrap(path, wrapper);
            wrapper.free();
        });
    }
}
