package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.LayerSettings.Bias;
import io.github.peft4j.core.config.Setting;
import java.util.Locale;

/** The setting {@code bias}: which of the model's own biases are trained. */
public final class BiasSetting {

    private BiasSetting() {}

    /**
     * The setting; none are the default.
     *
     * @param adapted a method's own word for {@link Bias#ADAPTED}
     */
    public static Setting<Bias> of(String adapted) {
        return Setting.text(
                        "bias",
                        json(Bias.NONE, adapted),
                        "the model's own biases that are trained: `none`, `all`, `" + adapted + "`")
                .as(name -> named(name, adapted), bias -> json(bias, adapted));
    }

    private static String json(Bias bias, String adapted) {
        return bias == Bias.ADAPTED ? adapted : bias.name().toLowerCase(Locale.ROOT);
    }

    private static Bias named(String name, String adapted) {
        for (Bias bias : Bias.values()) {
            if (json(bias, adapted).equals(name)) {
                return bias;
            }
        }
        throw new IllegalArgumentException(
                "Requested bias: " + name + ", is not implemented. Expected none, all or " + adapted + ".");
    }
}
