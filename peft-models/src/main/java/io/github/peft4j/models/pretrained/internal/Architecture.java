package io.github.peft4j.models.pretrained.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.head.NewLayers;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.pretrained.Models;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a config describes: an architecture of some sizes with a head.
 *
 * @param json the config
 * @param family the architecture
 * @param kind its head
 * @param config its sizes
 */
public record Architecture<H extends Head>(ConfigJson json, ModelFamily family, Head.Kind<H> kind, ModelConfig config) {

    /** A head that some service has for an architecture. */
    private record Offer(ModelFamily family, Head.Kind<?> kind) {}

    /**
     * What a config describes.
     *
     * @param head the head that is wanted; {@link Head} itself for the one that the config names, or else the usual one
     * @throws CheckpointException if the architecture or the head is not implemented, a size is bad, or the checkpoint's own head is
     *     another that the wanted one cannot be loaded from
     */
    @SuppressWarnings("unchecked")
    public static <H extends Head> Architecture<H> of(ConfigJson json, Class<H> head) throws CheckpointException {
        Offer offer = named(json, offers(json, head));
        ModelConfig config = sizes(offer.family(), json);
        return new Architecture<>(json, offer.family(), (Head.Kind<H>) offer.kind(), config);
    }

    /**
     * Reads a config's sizes, whatever its head.
     *
     * @throws CheckpointException if its architecture is not implemented or a value is bad
     */
    public static ModelConfig sizes(ConfigJson json) throws CheckpointException {
        return sizes(offers(json, Head.class).get(0).family(), json);
    }

    private static ModelConfig sizes(ModelFamily family, ConfigJson json) throws CheckpointException {
        ModelSize.requirePlausible(json);
        Models.quantization(json);
        try {
            ModelConfig config = family.config(json);
            // Needed later: what it says must be of the right kind like all else.
            json.dtype();
            return config;
        } catch (IllegalArgumentException e) {
            throw json.refused(e);
        }
    }

    /** Full names of tensors that its checkpoints may hold and that are not used. */
    public Pattern unusedTensors() {
        return Pattern.compile(
                "(" + family.unusedTensors().pattern() + ")|(" + kind.unused().pattern() + ")");
    }

    /** Builds a model that lies nowhere, without what a head has beside config and weights. */
    public Model<H> build(Weights root, long seed) {
        return build(root, seed, null);
    }

    /**
     * Builds the model; problems with tensors are noted in the weights.
     *
     * @param root the checkpoint's root
     * @param seed of weights that the checkpoint lacks and that are drawn
     * @param folder where it lies, or null
     * @throws UncheckedIOException if what a head has beside config and weights is refused
     */
    public Model<H> build(Weights root, long seed, @Nullable Path folder) {
        NewLayers layers = new NewLayers(json.decimalOr(NewLayers.USUAL_RANGE, "initializer_range"), seed);
        // The head first: it says whether its weight is the embedding's before either is taken.
        H head = kind.builder()
                .build(new Head.Kind.Source(json, config, root, family.tokenEmbedding(root), layers, folder));
        return new Model<>(root, family.backbone(config, root), head, kind.className());
    }

    /** Of several heads the one that the config names, or else one that can be loaded from what it names. */
    private static Offer named(ConfigJson json, List<Offer> offers) throws CheckpointException {
        List<String> named = json.textsOf("architectures");
        if (named.isEmpty()) {
            return offers.get(0);
        }
        List<BiPredicate<Head.Kind<?>, String>> tests = List.of(
                (kind, name) -> kind.className().equalsIgnoreCase(name),
                (kind, name) -> kind.reads().test(name));
        for (BiPredicate<Head.Kind<?>, String> test : tests) {
            for (Offer offer : offers) {
                if (named.stream().anyMatch(name -> test.test(offer.kind(), name))) {
                    return offer;
                }
            }
        }
        throw new CheckpointException(json.source() + ": the checkpoint holds a "
                + Printable.excerpt(String.join(", ", named)) + ", expected a "
                + offers.stream().map(offer -> offer.kind().className()).collect(Collectors.joining(" or a "))
                + ": use it for what its own head does, or take a checkpoint with the other");
    }

    /** The heads of this kind that services have for the config's architecture: at least one. */
    private static List<Offer> offers(ConfigJson json, Class<? extends Head> head) throws CheckpointException {
        String type = Models.modelType(json);
        List<ModelFamily> all = new ArrayList<>();
        ServiceLoader.load(ModelFamily.class, Architecture.class.getClassLoader())
                .forEach(all::add);
        List<Offer> offers = new ArrayList<>();
        all.stream()
                .filter(family -> family.modelType().equals(type))
                .forEach(family -> family.heads().forEach(kind -> offers.add(new Offer(family, kind))));
        if (offers.isEmpty()) {
            String known =
                    all.stream().map(ModelFamily::modelType).distinct().sorted().collect(Collectors.joining(", "));
            throw new CheckpointException(json.source() + ": no architecture for model_type " + Printable.quoted(type)
                    + ": expected one of " + known
                    + "; another one needs a ModelFamily that builds it on the class path"
                    + " (CONTRIBUTING.md, Adding an architecture)");
        }
        List<Offer> found = offers.stream()
                .filter(offer -> head.isAssignableFrom(offer.kind().type()))
                .toList();
        if (found.isEmpty()) {
            throw new CheckpointException(json.source() + ": model_type " + type + " is implemented as "
                    + offers.stream()
                            .map(offer -> offer.kind().className())
                            .sorted()
                            .collect(Collectors.joining(", "))
                    + (head == LanguageHead.class
                            ? "; none of them predicts the next token, which generation needs"
                            : ", expected one with a " + head.getSimpleName()));
        }
        return found;
    }
}
