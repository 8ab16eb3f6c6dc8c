package io.github.peft4j.models.nn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.LiveArrays;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Rows;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyValueCacheTest {

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    /** Keys [count, 2, 3] that say at which place they stand. */
    private NDArray ramp(int from, int count) {
        float[] values = new float[count * 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = from * 6 + i;
        }
        return scope.floats(values, count, 2, 3);
    }

    private static float[] upTo(int count) {
        float[] values = new float[count * 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return values;
    }

    @Test
    void keepsEveryTokenWhileItsBuffersGrow() {
        try (KeyValueCache cache = new KeyValueCache(scope, 1, 1)) {
            int length = 0;
            for (int added : new int[] {1, 62, 1, 1, 100, 1, 300, 1}) {
                try (NDArray keys = ramp(length, added);
                        NDArray values = scope.kernels().scale(keys, -1);
                        KeyValueCache.View all = cache.append(0, 0, keys, values)) {
                    length += added;
                    assertThat(all.key().getShape().getShape()).containsExactly(length, 2, 3);
                    assertThat(all.key().toFloatArray()).isEqualTo(upTo(length));
                    assertThat(scope.kernels().scale(all.value(), -1).toFloatArray())
                            .isEqualTo(upTo(length));
                    assertThat(cache.length(0)).isEqualTo(length);
                }
            }
        }
    }

    @Test
    void keepsRowsAndLayersApart() {
        try (KeyValueCache cache = new KeyValueCache(scope, 2, 2)) {
            cache.append(0, 0, ramp(0, 2), ramp(0, 2)).close();
            cache.append(1, 0, ramp(0, 5), ramp(0, 5)).close();
            assertThat(cache.rowCount()).isEqualTo(2);
            assertThat(cache.length(0)).isEqualTo(2);
            assertThat(cache.length(1)).isEqualTo(5);
            try (KeyValueCache.View second = cache.append(0, 1, ramp(0, 3), ramp(0, 3))) {
                assertThat(second.key().getShape().get(0)).isEqualTo(3);
            }
        }
    }

    @Test
    void holdsTwoArraysForEachRowAndLayerAndFreesThem() {
        int before = LiveArrays.count(scope);
        try (KeyValueCache cache = new KeyValueCache(scope, 2, 3);
                NDArray one = ramp(0, 1)) {
            for (int token = 0; token < 200; token++) {
                for (int place = 0; place < 6; place++) {
                    cache.append(place / 3, place % 3, one, one).close();
                }
            }
            assertThat(LiveArrays.count(scope) - before).isEqualTo(2 * 2 * 3 + 1);
        }
        assertThat(LiveArrays.count(scope)).isEqualTo(before);
    }

    @Test
    void keepsSomeRowsInAnotherOrderAndFreesTheRest() {
        int before = LiveArrays.count(scope);
        try (KeyValueCache cache = new KeyValueCache(scope, 3, 1);
                NDArray two = ramp(0, 2);
                NDArray five = ramp(0, 5);
                NDArray one = ramp(2, 1)) {
            cache.append(0, 0, two, two).close();
            cache.append(1, 0, five, five).close();
            cache.append(2, 0, two, two).close();
            cache.keepRows(2, 0);
            assertThat(cache.rowCount()).isEqualTo(2);
            assertThat(cache.length(0)).isEqualTo(2);
            assertThat(LiveArrays.count(scope) - before).isEqualTo(2 * 2 + 3);
            try (KeyValueCache.View all = cache.append(0, 0, one, one)) {
                assertThat(scope.kernels().toFloats(all.key())).isEqualTo(upTo(3));
            }
            assertThat(cache.length(1)).isEqualTo(2);
        }
        assertThat(LiveArrays.count(scope)).isEqualTo(before);
    }

    private KeyValue pair(int count) {
        return new KeyValue(Activation.constant(ramp(0, count)), Activation.constant(ramp(0, count)));
    }

    @Test
    void fillsEveryRowWithAPrefix() {
        try (KeyValueCache cache = new KeyValueCache(scope, 3, 2)) {
            cache.fill(List.of(pair(4), pair(4)));
            assertThat(cache.length(0)).isEqualTo(4);
            assertThat(cache.length(2)).isEqualTo(4);
            assertThatThrownBy(() -> cache.fill(List.of(pair(4), pair(4))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("row 0 has 4 positions already");
        }
    }

    @Test
    void refusesAPrefixOfAnotherNumberOfLayers() {
        try (KeyValueCache cache = new KeyValueCache(scope, 1, 2)) {
            assertThatThrownBy(() -> cache.fill(List.of(pair(4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a cache of 2 layers cannot be filled with keys and values of 1");
        }
    }

    @Test
    void refusesTokensThatDoNotComeNext() {
        try (KeyValueCache cache = new KeyValueCache(scope, 2, 1)) {
            cache.append(1, 0, ramp(0, 3), ramp(0, 3)).close();
            cache.requireContinues(new Rows(new int[] {1, 1}, new int[] {0, 3}));
            assertThatThrownBy(() -> cache.requireContinues(Rows.of(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a cache of 2 rows cannot be continued by 1 rows");
            assertThatThrownBy(() -> cache.requireContinues(Rows.of(1, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("row 1 has 3 positions in the cache, but its new tokens come after 0");
        }
    }
}
