package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An adapter that changes what goes into a model: a {@link PromptTable} and the way it goes in, and layers trained whole beside it. */
public final class PromptAdapter implements Adapter {

    private final Model<?> model;
    private final PeftConfig config;
    private final PromptTable table;
    private final ModulesToSave whole;
    private final Model.InputTransform input;
    private boolean enabled;

    private PromptAdapter(
            Model<?> model, PeftConfig config, PromptTable table, ModulesToSave whole, Model.InputTransform input) {
        this.model = model;
        this.config = config;
        this.table = table;
        this.whole = whole;
        this.input = config.common().taskType() == TaskType.FEATURE_EXTRACTION ? new WithoutTokenTypes(input) : input;
        setEnabled(true);
    }

    /**
     * Where to begin with virtual tokens when nothing else is known. A small model takes a higher rate.
     *
     * @param learningRate for models of ordinary size
     */
    public static PeftMethod.Defaults defaults(double learningRate) {
        return new PeftMethod.Defaults(
                learningRate, new PeftMethod.Defaults.Trial(450, 5 * learningRate, Map.of("num_virtual_tokens", 20)));
    }

    /**
     * Puts an adapter into a model. Takes over the table, which is freed if that fails.
     *
     * @param config as it is saved
     * @param modulesToSave ends of paths of modules that are trained whole, or null
     * @param input makes of the table what goes into the model
     * @param context whether copies of those modules are blank, since saved values come
     * @throws UnsupportedOperationException if one of those modules is of a kind that cannot be copied
     */
    public static PromptAdapter attach(
            Model<?> model,
            PeftConfig config,
            PromptTable table,
            @Nullable List<String> modulesToSave,
            Function<PromptTable, Model.InputTransform> input,
            AttachContext context) {
        boolean complete = false;
        try {
            ModulesToSave whole =
                    ModulesToSave.attach(model, modulesToSave == null ? List.of() : modulesToSave, context);
            complete = true;
            return new PromptAdapter(model, config, table, whole, input.apply(table));
        } finally {
            if (!complete) {
                table.free();
            }
        }
    }

    @Override
    public PeftConfig config() {
        return config;
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>(whole.parameters(MODEL_PREFIX));
        parameters.put(PromptTable.KEY, table.table());
        return parameters;
    }

    @Override
    public Map<String, Weight> trainable() {
        Map<String, Weight> trainable = new LinkedHashMap<>(whole.parameters(MODEL_PREFIX));
        trainable.putAll(table.trainable());
        return trainable;
    }

    @Override
    public Optional<Sidecar> sidecar() {
        return table.sidecar();
    }

    @Override
    public Set<String> takesAlone() {
        return Set.of("the model's input");
    }

    @Override
    public void beforeSave() {
        table.refresh();
    }

    @Override
    public void besideIsMissing() {
        table.dropEncoder();
    }

    @Override
    public void afterLoad() {
        table.loaded();
    }

    @Override
    public void setEnabled(boolean on) {
        if (on != enabled) {
            if (on) {
                model.addInputTransform(input);
            } else {
                model.removeInputTransform(input);
            }
        }
        enabled = on;
        whole.setEnabled(on);
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void remove() {
        setEnabled(false);
        whole.remove();
        table.free();
    }
}
