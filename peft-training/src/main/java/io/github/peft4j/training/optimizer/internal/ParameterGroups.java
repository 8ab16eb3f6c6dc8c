package io.github.peft4j.training.optimizer.internal;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.training.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which weights of a run learn at rates, or decay, of their own. A weight is in the first group whose pattern is found in its name; in
 * none, it has the run's rate and decay. Whether in a group or not, rates get smaller by {@code layerDecay} with every block further down,
 * but those that a group gives as such.
 *
 * @param groups in the order in which they are tried
 * @param layerDecay what a rate is multiplied by per block from the top, above 0 and at most 1: once for the last block, and once
 *     more than there are blocks for what comes before the first; not for what comes behind the last, nor for what is in no block, as virtual
 *     tokens. 1 for none. As in BEiT and ELECTRA
 * @see <a href="https://arxiv.org/abs/2003.10555">Clark et al. 2020, appendix A</a>
 */
public record ParameterGroups(List<ParameterGroup> groups, double layerDecay) {

    /** All weights alike. */
    public static final ParameterGroups NONE = new ParameterGroups(List.of(), 1);

    private static final Pattern NUMBER = Pattern.compile("(?<=\\.)[0-9]+(?=\\.)");

    /** Checks the ranges. */
    public ParameterGroups {
        groups = List.copyOf(groups);
        if (!(layerDecay > 0 && layerDecay <= 1)) {
            throw new IllegalArgumentException(
                    "layer decay must be above 0 and at most 1 (1: none), got " + layerDecay);
        }
    }

    /** These, and one more that is tried last. */
    public ParameterGroups and(ParameterGroup group) {
        return new ParameterGroups(
                Stream.concat(groups.stream(), Stream.of(group)).toList(), layerDecay);
    }

    /** The same with another decay by depth. */
    public ParameterGroups withLayerDecay(double decay) {
        return new ParameterGroups(groups, decay);
    }

    /** What a run's numbers depend on, by name; nothing if all weights are alike. */
    public Map<String, Object> decisive() {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (!groups.isEmpty()) {
            settings.put(
                    "parameter_groups",
                    groups.stream().map(ParameterGroup::settings).toList());
        }
        if (layerDecay != 1) {
            settings.put("layer_decay", layerDecay);
        }
        return settings;
    }

    /**
     * How each weight is updated.
     *
     * @param anatomy says where the blocks are
     * @param weights names of all trained weights
     * @param run the run's rate and decay
     * @param decays which weights the run's decay is for
     * @return by name, in the order of {@code weights}
     * @throws IllegalArgumentException if a group has no weights, or the decay by depth changes nothing; all of that in one message
     */
    public Map<String, AdamW.Settings> settings(
            Anatomy anatomy, Collection<String> weights, AdamW.Settings run, Predicate<String> decays) {
        List<Pattern> patterns =
                groups.stream().map(group -> Pattern.compile(group.pattern())).toList();
        BitSet used = new BitSet();
        Map<String, AdamW.Settings> settings = new LinkedHashMap<>();
        boolean deep = layerDecay == 1;
        for (String name : weights) {
            OptionalInt first = IntStream.range(0, patterns.size())
                    .filter(i -> patterns.get(i).matcher(name).find())
                    .findFirst();
            first.ifPresent(used::set);
            ParameterGroup group = first.isPresent() ? groups.get(first.getAsInt()) : null;
            int steps = stepsFromTheTop(anatomy, name);
            deep |= steps > 0 && (group == null || group.learningRate() == null);
            settings.put(name, settings(group, Math.pow(layerDecay, steps), run, decays.test(name)));
        }
        requireUse(weights, patterns, used, deep);
        return settings;
    }

    private static AdamW.Settings settings(
            @Nullable ParameterGroup group, double byDepth, AdamW.Settings run, boolean decays) {
        double decay = decays ? run.weightDecay() : 0;
        if (group == null) {
            return new AdamW.Settings(run.learningRate() * byDepth, decay);
        }
        Double rate = group.learningRate();
        Double own = group.weightDecay();
        return new AdamW.Settings(
                rate != null ? rate : run.learningRate() * group.factor() * byDepth, own != null ? own : decay);
    }

    private static int stepsFromTheTop(Anatomy anatomy, String name) {
        int blocks = anatomy.blocks().size();
        for (int block = 0; block < blocks; block++) {
            if (isIn(anatomy.blocks().get(block).path(), name)) {
                return blocks - block;
            }
        }
        boolean below = Stream.of(
                        anatomy.inputEmbedding(),
                        anatomy.positionEmbedding(),
                        anatomy.embeddingProjection(),
                        anatomy.embeddingNorm())
                .anyMatch(path -> path != null && isIn(path, name));
        return below ? blocks + 1 : 0;
    }

    /** A method's own weights have more than the path in their names. */
    private static boolean isIn(String path, String name) {
        return ("." + name).contains("." + path + ".");
    }

    private void requireUse(Collection<String> weights, List<Pattern> patterns, BitSet used, boolean deep) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            Pattern pattern = patterns.get(i);
            if (!used.get(i)) {
                boolean found =
                        weights.stream().anyMatch(name -> pattern.matcher(name).find());
                problems.add("\"" + pattern + "\" is found "
                        + (found ? "only in names that groups before it take" : "in no name"));
            }
        }
        if (!deep) {
            problems.add("a layer decay of " + layerDecay
                    + " changes no rate, as none is in a block or an embedding without a learning rate of its own");
        }
        if (!problems.isEmpty()) {
            Set<String> names = new LinkedHashSet<>();
            weights.forEach(name -> names.add(NUMBER.matcher(name).replaceAll("N")));
            throw new IllegalArgumentException("parameter groups do not fit what is trained: "
                    + Listed.problems(problems) + ". Names are " + Listed.names(names));
        }
    }
}
