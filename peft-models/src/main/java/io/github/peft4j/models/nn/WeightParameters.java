package io.github.peft4j.models.nn;

import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import io.github.peft4j.models.kernel.Weight;
import java.util.Map;

/** Weights as DJL shows the parameters of a block: without gradients. */
final class WeightParameters {

    private WeightParameters() {}

    /** Weights under their names. */
    static ParameterList of(Map<String, Weight> weights) {
        ParameterList list = new ParameterList();
        weights.forEach((name, weight) -> list.add(name, of(weight)));
        return list;
    }

    private static Parameter of(Weight weight) {
        Parameter parameter = Parameter.builder()
                .setName(weight.name())
                .setType(Parameter.Type.OTHER)
                .optRequiresGrad(false)
                .build();
        if (weight.packed() == null) {
            parameter.setArray(weight.array());
        } else {
            parameter.setShape(weight.shape());
        }
        return parameter;
    }
}
