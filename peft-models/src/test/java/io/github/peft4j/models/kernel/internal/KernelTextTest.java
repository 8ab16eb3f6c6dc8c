package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class KernelTextTest {

    private static final String CALL = "    return self.linear_add(self.linear(x, w[0], None, True), w[1], y, True)\n";

    @Test
    void aTextGetsTheMethodsThatItCallsAndThoseThatTheyCall() {
        String text = new KernelText(List.of("kernels", "products-onednn")).calledBy(CALL);
        assertThat(names(text))
                .containsExactlyInAnyOrder(
                        "linear",
                        "linear_add",
                        "in_pieces",
                        "product_in_pieces",
                        "by_onednn",
                        "by_onednn_add",
                        "dense");
    }

    @Test
    void aLaterSourceTakesThePlaceOfAnEarlierOne() {
        String text = new KernelText(List.of("products-onednn", "products-few-rows")).calledBy(CALL);
        assertThat(names(text))
                .containsExactlyInAnyOrder("linear", "linear_add", "by_onednn", "by_onednn_add", "dense");
    }

    @Test
    void aTextThatCallsNothingGetsNothing() {
        assertThat(new KernelText(List.of("kernels")).calledBy("    return x\n"))
                .isEmpty();
    }

    private static List<String> names(String text) {
        return Pattern.compile("  def (\\w+)")
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
