package io.github.peft4j.models.kernel.packed.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What NF4 looks up, once per device: its 16 codes, the 256 of its scales, and the midpoints between codes, where rounding turns over.
 *
 * @param values the four values of each 16 bits of packed codes, float32 [65536, 4]
 * @param thresholds between neighbouring codes, float32 [15]
 * @param places powers of 16, int64 [8]
 * @param scaleCodes float32 [256]
 * @param scaleThresholds between neighbouring codes of scales, float32 [255]
 */
public record Nf4Tables(
        NDArray values, NDArray thresholds, NDArray places, NDArray scaleCodes, NDArray scaleThresholds) {

    /** Quantiles of the normal distribution, the outermost at -1 and 1, with a code for zero; as in bitsandbytes. */
    private static final float[] CODES = {
        -1.0f,
        -0.6961928f,
        -0.52507305f,
        -0.3949175f,
        -0.28444138f,
        -0.18477343f,
        -0.091050036f,
        0.0f,
        0.0795803f,
        0.1609302f,
        0.2461123f,
        0.33791524f,
        0.44070983f,
        0.562617f,
        0.72295684f,
        1.0f
    };

    private static final Map<Device, Nf4Tables> MADE = new ConcurrentHashMap<>();

    static Nf4Tables of(Device device) {
        return MADE.computeIfAbsent(device, Nf4Tables::make);
    }

    private static Nf4Tables make(Device device) {
        // As long as the process, like the kernels themselves.
        Scope scope = Scope.open(device);
        float[] values = new float[4 << 16];
        for (int bits = 0; bits < 1 << 16; bits++) {
            for (int i = 0; i < 4; i++) {
                values[4 * bits + i] = CODES[(bits >> (4 * i)) & 15];
            }
        }
        long[] places = new long[8];
        for (int i = 0; i < places.length; i++) {
            places[i] = 1L << (4 * i);
        }
        float[] scaleCodes = dynamicMap();
        return new Nf4Tables(
                scope.floats(values, 1 << 16, 4),
                scope.floats(midpoints(CODES), CODES.length - 1),
                scope.longs(places),
                scope.floats(scaleCodes, scaleCodes.length),
                scope.floats(midpoints(scaleCodes), scaleCodes.length - 1));
    }

    /** bitsandbytes' dynamic map: decades of both signs, the larger the finer, with 0 and 1. */
    public static float[] dynamicMap() {
        float[] map = new float[256];
        int at = 0;
        for (int decade = 0; decade < 7; decade++) {
            int parts = 1 << decade;
            float step = 0.9f / parts;
            float factor = (float) Math.pow(10, decade - 6);
            for (int i = 0; i < parts; i++) {
                float value = factor * ((0.1f + step * i) + (0.1f + step * (i + 1))) / 2;
                map[at++] = value;
                map[at++] = -value;
            }
        }
        map[at++] = 0;
        map[at] = 1;
        Arrays.sort(map);
        return map;
    }

    static float[] codes() {
        return CODES.clone();
    }

    private static float[] midpoints(float[] codes) {
        float[] midpoints = new float[codes.length - 1];
        for (int i = 0; i < midpoints.length; i++) {
            midpoints[i] = (codes[i] + codes[i + 1]) / 2;
        }
        return midpoints;
    }
}
