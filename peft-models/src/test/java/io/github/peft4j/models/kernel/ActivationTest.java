package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import org.junit.jupiter.api.Test;

class ActivationTest extends OnDevice {

    ActivationTest() {
        super(Device.cpu());
    }

    private NDArray values(float... values) {
        return scope.floats(values, values.length);
    }

    @Test
    void variablesNeedGradientsAndConstantsDoNot() {
        assertThat(Activation.variable(values(1)).needsGradient()).isTrue();
        assertThat(Activation.constant(values(1)).needsGradient()).isFalse();
        assertThat(Activation.variable(values(1)).gradient()).isNull();
    }

    @Test
    void anOwnedGradientIsTakenOverAndAddedToInPlace() {
        Activation x = Activation.variable(values(0));
        NDArray first = values(1);
        NDArray second = values(10);
        x.accumulate(first, k);
        assertThat(x.gradient()).isSameAs(first);
        x.accumulate(second, k);
        assertThat(x.gradient()).isSameAs(first);
        assertThat(second.isReleased()).isTrue();
        assertThat(k.toFloats(x.gradient())).containsExactly(11);
    }

    @Test
    void aSharedGradientStaysTheCallersAndAsItIs() {
        NDArray shared = values(1);
        Activation x = Activation.variable(values(0));
        Activation y = Activation.variable(values(0));
        x.accumulateShared(shared, k);
        y.accumulateShared(shared, k);
        x.accumulate(values(10), k);
        x.accumulate(values(100), k);
        y.accumulateShared(shared, k);
        y.accumulateShared(shared, k);
        assertThat(k.toFloats(x.gradient())).containsExactly(111);
        assertThat(k.toFloats(y.gradient())).containsExactly(3);
        assertThat(k.toFloats(shared)).containsExactly(1);
        assertThat(shared.isReleased()).isFalse();
    }

    @Test
    void aGradientComputedTogetherWithTheSumReplacesIt() {
        Activation x = Activation.variable(values(0));
        x.accumulate(sum -> {
            assertThat(sum).isNull();
            return values(2);
        });
        NDArray before = x.gradient();
        x.accumulate(sum -> k.scale(sum, 3));
        assertThat(before.isReleased()).isTrue();
        assertThat(k.toFloats(x.gradient())).containsExactly(6);
    }

    @Test
    void aGradientComputedFromASharedSumMayBeAddedToInPlace() {
        NDArray shared = values(1);
        Activation x = Activation.variable(values(0));
        x.accumulateShared(shared, k);
        x.accumulate(sum -> k.scale(sum, 3));
        x.accumulate(values(1), k);
        assertThat(k.toFloats(x.gradient())).containsExactly(4);
        assertThat(k.toFloats(shared)).containsExactly(1);
    }

    @Test
    void aTakenGradientIsTheCallers() {
        Activation x = Activation.variable(values(0));
        x.accumulateShared(values(1), k);
        NDArray taken = x.takeGradient();
        assertThat(x.gradient()).isNull();
        assertThat(x.takeGradient()).isNull();
        x.accumulate(values(5), k);
        x.accumulate(values(5), k);
        assertThat(k.toFloats(taken)).containsExactly(1);
        assertThat(k.toFloats(x.gradient())).containsExactly(10);
    }

    @Test
    void theGradientSlotOutlivesTheValues() {
        Activation x = Activation.variable(values(0));
        x.close();
        assertThat(x.array().isReleased()).isTrue();
        x.accumulate(values(1), k);
        assertThat(k.toFloats(x.gradient())).containsExactly(1);
    }
}
