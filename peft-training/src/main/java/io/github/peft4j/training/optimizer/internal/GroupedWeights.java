package io.github.peft4j.training.optimizer.internal;

import io.github.peft4j.core.internal.pattern.NearestNames;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.training.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The weights of a run in their {@link ParameterGroups}: which are frozen, and how the others are updated. */
public final class GroupedWeights {

    private static final Pattern NUMBER = Pattern.compile("(?<=\\.)[0-9]+(?=\\.)");

    private final ParameterGroups groups;
    private final Depth depth;
    private final List<NamePattern> patterns;

    /** By name in the order of names; none for weights that no group names. */
    private final Map<String, OptionalInt> groupOf = new LinkedHashMap<>();

    /**
     * What a weight's update depends on besides its name.
     *
     * @param decays whether the run's decay is for it, by transformers' rule
     * @param biasOrLayerNorm whether it is a bias or a layer norm's, which LoRA+ spares from decay
     * @param dimensions of its shape
     * @param factor what it is in a product, or null
     */
    public record Traits(boolean decays, boolean biasOrLayerNorm, int dimensions, Adapter.@Nullable Factor factor) {}

    /**
     * Puts weights into groups.
     *
     * @param names of all weights that could be trained
     */
    public GroupedWeights(ParameterGroups groups, Depth depth, Collection<String> names) {
        this.groups = groups;
        this.depth = depth;
        this.patterns = groups.groups().stream()
                .map(group -> NamePattern.of(group.pattern()))
                .toList();
        for (String name : names) {
            groupOf.put(
                    name,
                    IntStream.range(0, patterns.size())
                            .filter(i -> patterns.get(i).matches(name))
                            .findFirst());
        }
    }

    private @Nullable ParameterGroup group(String name) {
        OptionalInt index = groupOf.getOrDefault(name, OptionalInt.empty());
        return index.isPresent() ? groups.groups().get(index.getAsInt()) : null;
    }

    /**
     * The weights that are not to be trained: those of groups that freeze, and those below the blocks that are trained.
     *
     * @throws IllegalArgumentException if none is left, or there are fewer blocks than are to be trained
     */
    public Set<String> frozen() {
        Integer last = groups.lastBlocks();
        if (last != null && last > depth.blocks()) {
            throw new IllegalArgumentException("the last " + last + " layers are to be trained, but the model has "
                    + depth.blocks() + ": expected at most as many");
        }
        Set<String> frozen = groupOf.keySet().stream()
                .filter(name -> isBelow(name, last) || isFrozenByGroup(name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!frozen.isEmpty() && frozen.size() == groupOf.size()) {
            throw new IllegalArgumentException("nothing is left to train: all weights are frozen"
                    + (Integer.valueOf(0).equals(last)
                            ? "; the model has no head of its own, as one that shares the token embedding's table, so"
                                    + " train at least one layer"
                            : " by parameter groups with a learning rate of 0"));
        }
        return frozen;
    }

    private boolean isBelow(String name, @Nullable Integer last) {
        if (last == null) {
            return false;
        }
        return last == 0 ? !depth.isHeads(name) : depth.fromTheTop(name) > last;
    }

    private boolean isFrozenByGroup(String name) {
        ParameterGroup group = group(name);
        return group != null && group.freezes();
    }

    /**
     * How each weight is updated.
     *
     * @param trained all weights but those that are frozen
     * @param run the run's rate and decay
     * @return by name, in the order of {@code trained}
     * @throws IllegalArgumentException if a group has no weights, or the decay by depth or LoRA+ change nothing; all of that in one message
     */
    public Map<String, AdamW.Settings> settings(Map<String, Traits> trained, AdamW.Settings run) {
        requireUse(trained);
        Map<String, AdamW.Settings> settings = new LinkedHashMap<>();
        trained.forEach((name, traits) -> settings.put(name, settings(name, traits, run)));
        return settings;
    }

    private AdamW.Settings settings(String name, Traits traits, AdamW.Settings run) {
        ParameterGroup group = group(name);
        ParameterGroups.LoraPlus plus = groups.loraPlus();
        double rate = run.learningRate() * Math.pow(groups.layerDecay(), depth.fromTheTop(name));
        double decay = traits.decays ? run.weightDecay() : 0;
        if (group != null) {
            Double fixed = group.learningRate();
            Double own = group.weightDecay();
            return new AdamW.Settings(fixed != null ? fixed : rate * group.factor(), own != null ? own : decay);
        }
        if (plus == null) {
            return new AdamW.Settings(rate, decay);
        }
        if (traits.factor == Adapter.Factor.OF_EMBEDDING) {
            return new AdamW.Settings(plus.embeddingRate(), run.weightDecay());
        }
        return isFaster(traits)
                ? new AdamW.Settings(rate * plus.ratio(), traits.biasOrLayerNorm ? 0 : run.weightDecay())
                : new AdamW.Settings(rate, run.weightDecay());
    }

    private static boolean isFaster(Traits traits) {
        return traits.factor == Adapter.Factor.SECOND || traits.dimensions == 1;
    }

    private boolean hasRateByDepth(String name) {
        ParameterGroup group = group(name);
        return depth.fromTheTop(name) > 0 && (group == null || group.learningRate() == null);
    }

    private void requireUse(Map<String, Traits> trained) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < patterns.size(); i++) {
            NamePattern pattern = patterns.get(i);
            if (!groupOf.containsValue(OptionalInt.of(i))) {
                boolean found = groupOf.keySet().stream().anyMatch(pattern::matches);
                problems.add("\"" + pattern.text() + "\" "
                        + (found
                                ? "names only weights that groups before it take"
                                : "names no weight" + near(pattern)));
            }
        }
        if (groups.layerDecay() != 1 && trained.keySet().stream().noneMatch(this::hasRateByDepth)) {
            problems.add("a layer decay of " + groups.layerDecay()
                    + " changes no rate, as none is in a block or an embedding without a learning rate of its own");
        }
        if (groups.loraPlus() != null
                && trained.values().stream().noneMatch(traits -> traits.factor == Adapter.Factor.SECOND)) {
            problems.add("LoRA+ is for low-rank updates of layers, and nothing that is trained has a second factor");
        }
        if (!problems.isEmpty()) {
            Set<String> names = new LinkedHashSet<>();
            groupOf.keySet().forEach(name -> names.add(NUMBER.matcher(name).replaceAll("N")));
            throw new IllegalArgumentException("parameter groups do not fit what is trained: "
                    + Listed.problems(problems) + ". Names are " + Listed.names(names));
        }
    }

    /** What may have been meant. */
    private String near(NamePattern pattern) {
        Set<String> known = groupOf.keySet().stream()
                .flatMap(name -> Arrays.stream(name.split("[.:]", -1)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        String text = pattern.text();
        String question = NearestNames.question(text.substring(text.lastIndexOf('.') + 1), known);
        return question.isEmpty() ? "" : " (" + question + ")";
    }
}
