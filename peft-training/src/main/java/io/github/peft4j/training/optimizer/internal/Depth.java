package io.github.peft4j.training.optimizer.internal;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.stream.Stream;

/**
 * How deep in a model weights lie.
 *
 * @param anatomy says where the blocks are
 * @param backbone path of all that is not the head
 */
public record Depth(Anatomy anatomy, String backbone) {

    /** In a model. */
    public static Depth in(Model<?> model) {
        return new Depth(model.anatomy(), model.backbone().name());
    }

    /** L, the number of blocks. */
    int blocks() {
        return anatomy.blocks().size();
    }

    /**
     * How many blocks down from the top a weight lies: 1 in the last block, L + 1 in what comes before the first; 0 in what comes behind
     * the last, and in no block at all, as virtual tokens.
     */
    int fromTheTop(String name) {
        for (int block = 0; block < blocks(); block++) {
            if (isIn(anatomy.blocks().get(block).path(), name)) {
                return blocks() - block;
            }
        }
        Anatomy.LinearLayer projection = anatomy.embeddingProjection();
        boolean below = Stream.concat(
                        anatomy.embeddings().stream(),
                        Stream.of(projection == null ? null : projection.path(), anatomy.embeddingNorm()))
                .anyMatch(path -> path != null && isIn(path, name));
        return below ? blocks() + 1 : 0;
    }

    /** Whether it belongs to the head. */
    boolean isHeads(String name) {
        return !isIn(backbone, name);
    }

    /** A method's own weights have more than the path in their names. */
    private static boolean isIn(String path, String name) {
        return ("." + name).contains("." + path + ".");
    }
}
