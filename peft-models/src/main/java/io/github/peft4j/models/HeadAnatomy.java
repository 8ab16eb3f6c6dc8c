package io.github.peft4j.models;

import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a head declares about what it has before its output layer. */
record HeadAnatomy(List<Anatomy.LinearLayer> linears, List<String> norms) {

    /**
     * That of a head.
     *
     * @param place the path of the backbone in the model
     * @param output the path of the output layer, which modules in between hold perhaps beside what comes before it
     */
    static HeadAnatomy of(@Nullable Transform transform, String place, @Nullable String output) {
        if (transform == null) {
            return new HeadAnatomy(List.of(), List.of());
        }
        String prefix = transform.isInsideBackbone() && !place.isEmpty() ? place + "." : "";
        List<Anatomy.LinearLayer> linears = transform.modulesByPath().entrySet().stream()
                .filter(entry ->
                        entry.getValue() instanceof Linear && !entry.getKey().equals(output))
                .map(entry -> new Anatomy.LinearLayer(
                        prefix + entry.getKey(), ((Linear) entry.getValue()).bias() != null, null))
                .toList();
        return new HeadAnatomy(
                linears,
                transform.pathsOf(Role.NORM).stream().map(path -> prefix + path).toList());
    }

    /** The anatomy of a model with it. */
    Anatomy onto(Anatomy backbone) {
        return linears.isEmpty() ? backbone : backbone.withHead(linears, norms);
    }
}
