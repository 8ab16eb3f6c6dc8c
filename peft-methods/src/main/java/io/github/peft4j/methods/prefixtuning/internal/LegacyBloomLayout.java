package io.github.peft4j.methods.prefixtuning.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.kernel.Scope;

/**
 * The order in which a Bloom of transformers 4.43 or older finds a prefix's values: all layers' keys before all layers' values, and keys
 * read as if they lay [K, Dh, P] (the function {@code bloom_model_postprocess_past_key_value} of Hugging Face PEFT).
 */
final class LegacyBloomLayout {

    private LegacyBloomLayout() {}

    /**
     * The values in today's order.
     *
     * @param table [P, L 2 K Dh], stays the caller's
     * @return a new array, owned by {@code owner}
     */
    static NDArray modern(Scope owner, NDArray table, Anatomy.CacheGeometry cache) {
        int places = (int) table.getShape().get(0);
        int layers = cache.layers();
        int width = cache.keyValueHeads() * cache.headSize();
        int row = 2 * layers * width;
        float[] before = owner.kernels().toFloats(table);
        float[] after = new float[before.length];
        for (int layer = 0; layer < layers; layer++) {
            for (int place = 0; place < places; place++) {
                for (int i = 0; i < width; i++) {
                    int read = i * places + place;
                    int key = place * row + 2 * layer * width + i;
                    after[key] = before[read / width * row + layer * width + read % width];
                    after[key + width] = before[place * row + (layers + layer) * width + i];
                }
            }
        }
        return owner.floats(after, places, row);
    }
}
