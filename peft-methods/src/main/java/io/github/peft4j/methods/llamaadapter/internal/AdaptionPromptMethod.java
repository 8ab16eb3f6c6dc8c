package io.github.peft4j.methods.llamaadapter.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.llamaadapter.AdaptionPromptConfig;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adaption prompts: trained tokens that the queries of the upper blocks attend to, with a gate that begins at nothing.
 *
 * @see <a href="https://arxiv.org/abs/2303.16199">Zhang et al. 2023</a>
 */
public final class AdaptionPromptMethod extends PeftMethod<AdaptionPromptConfig> {

    private static final Logger LOG = LoggerFactory.getLogger(AdaptionPromptMethod.class);

    /** Where Hugging Face PEFT adds what comes out behind the output projection instead of leading it through. */
    private static final Set<String> UNPROJECTED = Set.of("gpt2");

    /** The architectures that Hugging Face PEFT's adaption prompts know. */
    private static final Set<String> EXCHANGEABLE = Set.of("llama", "mistral", "gpt2");

    /** For the registry of methods. */
    public AdaptionPromptMethod() {
        super(
                "llama-adapter",
                AdaptionPromptConfig.SCHEMA,
                new Defaults(5e-3, new Defaults.Trial(450, 2e-2, Map.of("adapter_len", 10, "adapter_layers", 3))));
    }

    @Override
    public Adapter attach(Model<?> model, AdaptionPromptConfig config, AttachContext context) {
        Anatomy anatomy = model.anatomy();
        BaseModules modules = BaseModules.of(model);
        String target = Objects.requireNonNullElseGet(
                config.get(AdaptionPromptConfig.TARGET_MODULES), () -> defaultTarget(anatomy));
        List<String> paths = paths(modules, target, config.get(AdaptionPromptConfig.ADAPTER_LAYERS));
        warn(anatomy);
        boolean projected = !UNPROJECTED.contains(anatomy.modelType());
        NewWeights first = NewWeights.of(model, context);
        Map<String, AdaptedAttention> wrappers = new LinkedHashMap<>();
        int width = (int)
                ((Linear) modules.base(anatomy.blocks().get(0).projections().get(0))).in();
        for (String path : paths) {
            Attention attention = (Attention) modules.base(path);
            AdaptionPrompt prompt = AdaptionPrompt.of(first, config.get(AdaptionPromptConfig.ADAPTER_LEN), width);
            modules.wrap(path, outer -> {
                AdaptedAttention wrapper =
                        new AdaptedAttention(outer, attention, prompt, projected, secondBias(modules, anatomy, path));
                wrappers.put(path, wrapper);
                return wrapper;
            });
        }
        return new AdaptionPromptAdapter(
                model, config.toBuilder().targetModules(target).build(), wrappers);
    }

    private static String defaultTarget(Anatomy anatomy) {
        String path = anatomy.blocks().get(0).attention();
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The uppermost attention modules of a name. */
    private static List<String> paths(BaseModules modules, String target, int layers) {
        List<String> found = new ArrayList<>();
        modules.byPath().forEach((path, module) -> {
            if (path.endsWith("." + target)) {
                if (!(module instanceof Attention)) {
                    throw new IllegalArgumentException("target_modules names " + path + ", a "
                            + module.getClass().getSimpleName() + ": adaption prompts need attention modules");
                }
                found.add(path);
            }
        });
        if (found.size() < layers) {
            throw new IllegalArgumentException("Config specifies more adapter layers '" + layers
                    + "' than the model has '" + found.size() + "'."
                    + (found.isEmpty() ? " No module's name is " + target + "." : ""));
        }
        return found.subList(found.size() - layers, found.size());
    }

    private static void warn(Anatomy anatomy) {
        if (!EXCHANGEABLE.contains(anatomy.modelType())) {
            LOG.warn(
                    "Hugging Face PEFT has no adaption prompts for {} models and cannot load this adapter; it knows {}.",
                    anatomy.modelType(),
                    EXCHANGEABLE.stream().sorted().toList());
        }
    }

    /** The bias that Hugging Face PEFT adds once more, in the models that it knows, where it leads the outcome through the projection. */
    private static @Nullable Weight secondBias(BaseModules modules, Anatomy anatomy, String attention) {
        if (!EXCHANGEABLE.contains(anatomy.modelType()) || UNPROJECTED.contains(anatomy.modelType())) {
            return null;
        }
        return anatomy.blocks().stream()
                .filter(block -> block.attention().equals(attention))
                .map(block -> ((Linear) modules.base(block.attentionOutput())).bias())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
