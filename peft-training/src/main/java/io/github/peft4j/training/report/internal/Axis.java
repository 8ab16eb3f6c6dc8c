package io.github.peft4j.training.report.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * From numbers to places of a picture.
 *
 * @param low the number at {@code from}
 * @param high the number at {@code to}, above {@code low}
 * @param from a place
 * @param to a place
 * @param logarithmic whether equal distances are equal ratios; {@code low} is above 0 then
 */
record Axis(double low, double high, double from, double to, boolean logarithmic) {

    private static final double[] STEPS = {1, 2, 5, 10};

    /** An axis that has room for these numbers, and some more if they are all the same. */
    static Axis of(List<Double> numbers, double from, double to, boolean logarithmic) {
        double low = numbers.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double high = numbers.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        if (logarithmic) {
            return low < high ? new Axis(low, high, from, to, true) : new Axis(low / 2, low * 2, from, to, true);
        }
        double room = low < high ? 0 : low == 0 ? 1 : Math.abs(low) / 2;
        return new Axis(low - room, high + room, from, to, false);
    }

    double place(double number) {
        double share = logarithmic ? Math.log(number / low) / Math.log(high / low) : (number - low) / (high - low);
        return from + share * (to - from);
    }

    /** Round numbers on it, some five of them. */
    List<Double> ticks() {
        return logarithmic ? ratios() : distances();
    }

    private List<Double> distances() {
        double rough = (high - low) / 5;
        double size = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = size;
        for (double factor : STEPS) {
            if (size * factor >= rough) {
                step = size * factor;
                break;
            }
        }
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> ratios() {
        List<Double> ticks = new ArrayList<>();
        boolean few = high / low < 100;
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
            for (double factor : few ? new double[] {1, 2, 5} : new double[] {1}) {
                double tick = factor * Math.pow(10, power);
                if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
