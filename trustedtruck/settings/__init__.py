"""Every setting of the product, by topic; what an installation may choose, from the environment.

No topic sets what another one sets, so that their order means nothing; a test sees to it.
"""

from trustedtruck.settings.accounts import *
from trustedtruck.settings.api import *
from trustedtruck.settings.database import *
from trustedtruck.settings.house import *
from trustedtruck.settings.installation import *
from trustedtruck.settings.lanes import *
from trustedtruck.settings.safekeeping import *
from trustedtruck.settings.tasks import *
from trustedtruck.settings.texts import *
from trustedtruck.settings.web import *
